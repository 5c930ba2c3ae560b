# Deutsch, in der Du-Form. Erklärungen zu den Schlüsseln stehen in en.ftl.

## Felder des Registrierungsformulars

label-username = Benutzername
label-password = Passwort
label-email = E-Mail-Adresse

## Was an einem Feld nicht stimmt

field-missing =
    { $field ->
        [username] Wähle einen Benutzernamen.
        [password] Wähle ein Passwort.
        [email] Gib deine E-Mail-Adresse an.
       *[other] { $label }: Bitte ausfüllen.
    }
field-repeated = { $label }: Das wurde mehrmals mit verschiedenen Werten angegeben. Gib es nur einmal an.
field-malformed =
    { $field ->
        [email] Das ist keine E-Mail-Adresse, an die wir schreiben können. Sie muss aussehen wie name@example.org.
       *[other] { $label }: Diese Angabe ist nicht lesbar. Prüfe, wie sie geschrieben ist.
    }
field-characters =
    { $field ->
        [username] Im Benutzernamen ist ein Zeichen, das hier nicht möglich ist. Die Buchstaben a bis z und Ziffern gehen immer; Punkte, Binde- und Unterstriche nur im Inneren des Namens.
        [password] Im Passwort ist ein Zeichen, das nicht jedes Programm senden kann. Wähle ein anderes Passwort.
       *[other] { $label }: Darin ist ein Zeichen, das hier nicht möglich ist.
    }
field-too-short =
    { $field ->
        [username] Der Benutzername ist zu kurz. Wähle einen mit mindestens { $min } Zeichen.
       *[other] { $label }: Das ist zu kurz. Nötig sind mindestens { $min } Zeichen.
    }
field-too-long =
    { $field ->
        [username] Der Benutzername ist zu lang. Wähle einen mit höchstens { $max } Zeichen.
        [password] Das Passwort ist zu lang. Wähle eines mit höchstens { $max } einfachen Zeichen.
        [email] Die E-Mail-Adresse ist zu lang. Möglich sind höchstens { $max } Zeichen.
       *[other] { $label }: Das ist zu lang. Möglich sind höchstens { $max } Zeichen.
    }
field-reserved = Dieser Name ist vergeben, weil der Dienst ihn selbst braucht. Wähle einen anderen.
field-too-weak = Das Passwort ist zu schwach. Wähle eines mit mindestens { $min } Zeichen, das nicht dein Benutzername ist.

## Ablehnungen

wait-seconds =
    { $count ->
        [one] einer Sekunde
       *[other] { $count } Sekunden
    }
wait-minutes =
    { $count ->
        [one] einer Minute
       *[other] { $count } Minuten
    }
wait-hours =
    { $count ->
        [one] einer Stunde
       *[other] { $count } Stunden
    }

refusal-invalid-page = Du kannst dich auch hier registrieren: { $url }
refusal-name-taken = Dieser Benutzername ist vergeben. Wähle einen anderen.
refusal-registration-closed = Zurzeit kann sich hier niemand registrieren. Bitte den Betreiber dieses Dienstes um ein Konto.
refusal-too-many = Das war zu oft in kurzer Zeit. Versuche es in { $wait } noch einmal.
refusal-busy = Das geht gerade nicht. Versuche es in { $wait } noch einmal.
refusal-wrong-password = Der Benutzername oder das Passwort ist falsch.
refusal-account-pending = Bevor du dieses Konto nutzen kannst, musst du deine E-Mail-Adresse bestätigen. Gib den Code aus der E-Mail ein, die wir dir geschickt haben.
refusal-account-pending-page = Bevor du dieses Konto nutzen kannst, musst du deine E-Mail-Adresse bestätigen. Gib den Code aus der E-Mail, die wir dir geschickt haben, hier ein: { $url }
refusal-account-suspended = Dieses Konto ist gesperrt. Frage den Betreiber dieses Dienstes.
refusal-account-suspended-reason = Dieses Konto ist gesperrt: { $reason }
refusal-wrong-code = Das ist nicht der richtige Code oder Link. Sieh in der neuesten E-Mail nach, die wir dir geschickt haben.
refusal-wrong-code-tries =
    { $count ->
        [0] Das ist nicht der richtige Code, und es ist kein Versuch mehr übrig. Fordere eine neue E-Mail an.
        [one] Das ist nicht der richtige Code. Du hast noch einen Versuch; sieh in der neuesten E-Mail nach, die wir dir geschickt haben.
       *[other] Das ist nicht der richtige Code. Du hast noch { $count } Versuche; sieh in der neuesten E-Mail nach, die wir dir geschickt haben.
    }
refusal-code-expired = Dieser Code oder Link gilt nicht mehr. Fordere eine neue E-Mail an.
refusal-code-expired-page = Dieser Code oder Link gilt nicht mehr. Eine neue E-Mail kannst du hier anfordern: { $url }
refusal-address-in-use = Diese E-Mail-Adresse gehört zu einem anderen Konto. Gib eine andere an oder nutze das Konto, das du hast.
refusal-not-registered = Du hast hier kein Konto.
refusal-not-registered-page = Du hast hier kein Konto. Registrieren kannst du dich hier: { $url }
refusal-no-such-account = Dieses Konto gibt es nicht.
refusal-not-allowed = Das kannst du hier nicht selbst tun. Frage den Betreiber dieses Dienstes.
refusal-insecure-channel = Diese Verbindung ist nicht verschlüsselt. Schalte die Verschlüsselung (TLS) ein und versuche es noch einmal.
refusal-unknown-domain = Für diese Adresse führt dieser Dienst keine Konten.

## Texte im Chatprogramm

# Programme erkennen ein schwaches Passwort an genau diesen Worten: in jeder Sprache dieselben.
xmpp-password-too-weak = The password is too weak
xmpp-try-later = Hier ist etwas gestört. Bitte versuche es später noch einmal.
xmpp-form-title = Neues Konto bei { $domain }
xmpp-instructions = Wähle einen Namen und ein Passwort für dein Konto bei { $domain }.
xmpp-registered-instructions = Du hast hier ein Konto. Du kannst sein Passwort ändern oder es löschen.
xmpp-password-change-incomplete = Um das Passwort zu ändern, gib deinen Namen und das neue Passwort an.

## Briefe

letter-greeting = Hallo,
letter-automatic = Diese Nachricht wurde automatisch verschickt.

letter-verify-subject = Bestätige deine E-Mail-Adresse für { $service }
letter-verify-intro = Jemand, hoffentlich du, hat mit dieser E-Mail-Adresse das Konto { $account } registriert.
letter-verify-code = Um die Adresse zu bestätigen, gib diesen Code ein:
letter-verify-code-lifetime =
    { $minutes ->
        [one] Der Code gilt eine Minute lang, bis { $time } Uhr UTC.
       *[other] Der Code gilt { $minutes } Minuten lang, bis { $time } Uhr UTC.
    }
letter-verify-link = Oder öffne diese Seite und drücke dort auf den Knopf:
letter-verify-button = Adresse bestätigen
letter-verify-not-you = Wenn du das nicht warst, musst du nichts tun. Ohne den Code oder den Link kann niemand das Konto mit deiner Adresse nutzen. Gib den Code niemandem.

letter-already-registered-subject = Du hast schon ein Konto bei { $service }
letter-already-registered-intro = Jemand, vielleicht du, hat versucht, mit dieser E-Mail-Adresse das Konto { $account } zu registrieren.
letter-already-registered-existing = Diese Adresse gehört schon zu deinem Konto:
letter-already-registered-what-to-do = Jede Adresse kann nur für ein Konto genutzt werden, darum wurde das neue nicht bestätigt. Nutze das Konto, das du hast, mit dem Passwort, das du dafür gewählt hast.
letter-already-registered-not-you = Wenn du das nicht warst, musst du nichts tun. An deinem Konto hat sich nichts geändert, und wer es versucht hat, hat nicht erfahren, dass du eines hast.
