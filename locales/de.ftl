# Deutsch, in der Du-Form. Erklärungen zu den Schlüsseln stehen in en.ftl.

## Felder des Registrierungsformulars

label-username = Benutzername
label-password = Passwort
label-old-password = Altes Passwort
label-new-password = Neues Passwort
label-email = E-Mail-Adresse
label-phone = Telefonnummer
label-captcha-picture = Zeichen auf dem Bild

## Was an einem Feld nicht stimmt

field-missing =
    { $field ->
        [username] Wähle einen Benutzernamen.
        [password] Wähle ein Passwort.
        [email] Gib deine E-Mail-Adresse an.
        [phone] Gib deine Telefonnummer an.
       *[other] { $label }: Bitte ausfüllen.
    }
field-repeated = { $label }: Das wurde mehrmals mit verschiedenen Werten angegeben. Gib es nur einmal an.
field-malformed =
    { $field ->
        [email] Das ist keine E-Mail-Adresse, an die wir schreiben können. Sie muss aussehen wie name@example.org.
        [phone] Das ist keine Telefonnummer mit Landesvorwahl. Sie muss aussehen wie +49 1511 2345678.
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
field-breached = Dieses Passwort steht auf einer Liste von Passwörtern, die anderen abhandengekommen sind; wer rät, versucht es zuerst. Wähle ein anderes.

## Zeitangaben

date-month =
    { $count ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    }
date-time = { $day }. { $month } { $year }, { $time } Uhr UTC

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
refusal-wrong-signature = Die Signatur dieses Formulars ist falsch, zu alt oder wurde schon benutzt. Fordere ein neues Formular an und prüfe den API-Schlüssel und sein Geheimnis.
refusal-wrong-clock = Die Zeit in der Signatur dieses Formulars weicht zu weit von unserer ab. Stelle die Uhr und signiere neu.
refusal-key-exhausted = Mit diesem API-Schlüssel wurden so viele Konten angelegt, wie er erlaubt. Bitte den Betreiber dieses Dienstes um mehr.
refusal-key-revoked = Dieser API-Schlüssel gilt nicht mehr. Wende dich an den Betreiber dieses Dienstes.
refusal-no-such-key = Diesen API-Schlüssel gibt es nicht.
refusal-no-such-branch = Diese Zweigstelle gibt es nicht, oder sie wurde widerrufen.
refusal-wrong-branch = Die Zweigstelle, ihr Geheimnis oder das Freischalt-Token ist nicht gültig.
refusal-registration-closed = Zurzeit kann sich hier niemand registrieren. Bitte den Betreiber dieses Dienstes um ein Konto.
refusal-registration-closed-page = In diesem Programm kannst du dich hier nicht registrieren. Wie du ein Konto bekommst, steht auf { $url }
refusal-web-only = Bei diesem Dienst registriert man sich auf der Webseite, nicht in diesem Programm.
refusal-web-only-page = Bei diesem Dienst registriert man sich auf der Webseite, nicht in diesem Programm: { $url }
refusal-invitations-off = Einladungen sind auf dieser Domain abgeschaltet.
refusal-invitation-required = Zum Registrieren brauchst du hier eine Einladung. Frag jemanden, der hier ein Konto hat, oder den Betreiber dieses Dienstes.
refusal-invitation-required-page = Zum Registrieren brauchst du hier eine Einladung. Wenn du eine hast, öffne ihren Link oder gib sie hier ein: { $url }
refusal-invitation-invalid = Diese Einladung gilt nicht oder nicht mehr. Bitte um eine neue.
refusal-invitation-for-name = Diese Einladung gilt nur für den Benutzernamen { $name }.
refusal-too-many = Das war zu oft in kurzer Zeit. Versuche es in { $wait } noch einmal.
refusal-busy = Das geht gerade nicht. Versuche es in { $wait } noch einmal.
refusal-wrong-password = Der Benutzername oder das Passwort ist falsch.
refusal-token-invalid = Du bist nicht oder nicht mehr angemeldet. Melde dich neu an.
refusal-proof-needed = Gib dafür dein jetziges Passwort ein.
refusal-account-pending = Bevor du dieses Konto nutzen kannst, musst du deine E-Mail-Adresse bestätigen. Gib den Code aus der E-Mail ein, die wir dir geschickt haben.
refusal-account-pending-page = Bevor du dieses Konto nutzen kannst, musst du deine E-Mail-Adresse bestätigen. Gib den Code aus der E-Mail, die wir dir geschickt haben, hier ein: { $url }
refusal-account-suspended = Dieses Konto ist gesperrt. Frage den Betreiber dieses Dienstes.
refusal-account-suspended-reason = Dieses Konto ist gesperrt: { $reason }
refusal-account-leaving = Du wolltest, dass dieses Konto gelöscht wird: am { $time }. Bis dahin kannst du es behalten.
refusal-account-leaving-page = Du wolltest, dass dieses Konto gelöscht wird: am { $time }. Bis dahin kannst du es behalten: { $url }
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
# Programme erkennen an diesem Wort, dass es daran lag: Es bleibt in jeder Sprache.
refusal-captcha-required = Löse eine der CAPTCHA-Aufgaben, um dich hier zu registrieren.
refusal-captcha-required-page = Löse eine der CAPTCHA-Aufgaben, um dich hier zu registrieren. Zeigt dein Programm keine, registriere dich auf dieser Seite: { $url }
refusal-captcha-wrong = Das ist nicht die richtige Antwort auf das CAPTCHA. Hier ist ein neues.
refusal-captcha-expired = Das CAPTCHA war zu alt oder schon benutzt. Hier ist ein neues.
refusal-unknown-domain = Für diese Adresse führt dieser Dienst keine Konten.

## Texte im Chatprogramm

# Programme erkennen ein schwaches Passwort an genau diesen Worten: in jeder Sprache dieselben.
xmpp-password-too-weak = The password is too weak
xmpp-try-later = Hier ist etwas gestört. Bitte versuche es später noch einmal.
xmpp-try-later-reference = Hier ist etwas gestört. Bitte versuche es später noch einmal. Wenn es so bleibt, nenne dem Betreiber dieses Dienstes das Wort { $reference }.
xmpp-form-title = Neues Konto bei { $domain }
xmpp-instructions = Wähle einen Namen und ein Passwort für dein Konto bei { $domain }.
xmpp-instructions-tasks = Wähle einen Namen und ein Passwort für dein Konto bei { $domain }. Löse dann eine der Aufgaben am Ende des Formulars: Eine richtige Antwort genügt.
xmpp-instructions-form = Fülle das Formular aus, um ein Konto bei { $domain } zu bekommen.
xmpp-instructions-web = Um ein Konto bei { $domain } zu bekommen, öffne { $url }
xmpp-or-page = Du kannst dich auch hier registrieren: { $url }
xmpp-else-page = Wenn dieses Programm kein Formular zeigt, registriere dich hier: { $url }
xmpp-captcha-work = Für Programme, die die Antwort berechnen. Lass es leer.
xmpp-registered-instructions = Du hast hier ein Konto. Du kannst sein Passwort ändern oder es löschen.
xmpp-password-change-incomplete = Um das Passwort zu ändern, gib deinen Namen und das neue Passwort an.
xmpp-password-change-title = Neues Passwort
xmpp-password-change-instructions = Gib dein altes und dein neues Passwort ein.
xmpp-removal-title = Konto löschen
xmpp-removal-instructions = Gib dein Passwort ein, um dein Konto mit allem darin für immer zu löschen.

## Befehle. $address ist eine ganze XMPP-Adresse.

adhoc-list = Was du hier tun kannst
adhoc-register = Ein Konto anlegen
adhoc-choose-domain = Deine Adresse endet mit der Domain, die du wählst.
adhoc-verify = Eine E-Mail-Adresse bestätigen
adhoc-code-instructions = Gib den Code aus der Nachricht ein, die wir für { $address } geschickt haben.
adhoc-ready = Das ist bestätigt. Du kannst dich jetzt als { $address } anmelden.
page-verify-further = Das ist bestätigt. Gib jetzt den Code aus der anderen Nachricht ein.
adhoc-resend = Den Code noch einmal schicken
adhoc-resend-instructions = Gib den Benutzernamen des Kontos ein, das auf seinen Code wartet.
adhoc-correct-email = Die E-Mail-Adresse eines neuen Kontos berichtigen
adhoc-invite = Jemanden einladen
adhoc-create-account = Jemanden zu einem Konto einladen
adhoc-create-account-text = Du bekommst einen Link, mit dem eine Person ein Konto bei { $domain } anlegen kann. Mit einem Namen gilt er nur für diesen.
adhoc-roster-subscription = Kontakte voneinander werden
adhoc-invitation-uri = Link für Programme
adhoc-invitation-page = Seite zum Weiterschicken
adhoc-invitation-expire = Gilt bis
adhoc-my-data = Was über dich gespeichert ist
adhoc-data-account = Konto
adhoc-data-state = Zustand
adhoc-data-state-word =
    { $state ->
        [active] in Gebrauch
        [pending] wartet auf seinen Code
        [suspended] gesperrt
       *[other] { $state }
    }
adhoc-data-email-verified = E-Mail-Adresse bestätigt
adhoc-data-phone-verified = Telefonnummer bestätigt
adhoc-data-created = Angelegt
adhoc-data-activated = Zum ersten Mal bereit
adhoc-data-events = Was geschehen ist
adhoc-data-event =
    { $action ->
        [registered] angelegt
        [activated] freigeschaltet
        [password-changed] Passwort geändert
        [email-corrected] E-Mail-Adresse berichtigt
        [phone-corrected] Telefonnummer berichtigt
        [email-proven] E-Mail-Adresse bestätigt
        [phone-proven] Telefonnummer bestätigt
        [verification-resent] Code noch einmal geschickt
        [recovery-asked] Code für ein neues Passwort geschickt
        [deletion-asked] Löschung verlangt
        [email-change-asked] Code für eine andere E-Mail-Adresse gesendet
        [email-changed] E-Mail-Adresse geändert
        [suspended] gesperrt
        [resumed] Sperre beendet
       *[other] { $action }
    }
adhoc-change-password = Das Passwort ändern
adhoc-change-password-instructions = Alle deine anderen Programme werden abgemeldet und brauchen das neue Passwort.
adhoc-label-password-again = Neues Passwort noch einmal
adhoc-password-differs = Die beiden Passwörter sind nicht gleich. Gib das neue Passwort zweimal ein.
adhoc-password-changed = Das Passwort ist geändert.
adhoc-delete = Das Konto löschen
adhoc-delete-warning = Dein Konto und alles, was der Server für dich aufbewahrt, ist dann für immer weg. Niemand kann es zurückholen.
adhoc-label-confirm-delete = Ja, { $address } löschen
adhoc-delete-unconfirmed = Es wurde nichts gelöscht. Um das Konto zu löschen, bestätige es.
adhoc-deleted = Das Konto { $address } ist gelöscht.

## Wege der Registrierung und Wiederherstellung (XEP-0389): ihre Namen in einer Auswahl

flow-register = Ein neues Konto bei { $domain }
flow-recover = Ein Code per E-Mail, für dein Konto bei { $domain }
flow-web = Auf einer Webseite

## Das Gespräch in Nachrichten. $command ist der Name eines Befehls.

# Wörter am Anfang einer Nachricht, durch Leerzeichen getrennt. Die Wörter aller Sprachen werden immer verstanden.
chat-words-help = hilfe ?
chat-words-register = registrieren anmelden
chat-words-code = code bestätigen
chat-words-resend = nochmal erneut
chat-words-status = status
chat-words-delete = löschen
chat-words-password = passwort kennwort
chat-help =
    Dieser Dienst führt die Konten von { $domain }. Du kannst schreiben:
    registrieren – wie du ein Konto bekommst
    code alice 123456 – bestätigt die E-Mail-Adresse des neuen Kontos alice
    nochmal alice – schickt den Code noch einmal
    passwort – was zu tun ist, wenn du das Passwort vergessen hast
chat-help-owner =
    Dieser Dienst führt dein Konto. Du kannst schreiben:
    status – was gespeichert ist
    passwort – wie du das Passwort änderst
    löschen – löscht das Konto, nach einer Bestätigung
    code alice 123456 – bestätigt die E-Mail-Adresse des neuen Kontos alice
chat-register = Nachrichten sind kein Ort für Passwörter: Sie bleiben in Verläufen stehen. Wenn dein Programm Befehle kennt, wähle bei dieser Adresse „{ $command }“.
chat-register-page = Nachrichten sind kein Ort für Passwörter: Sie bleiben in Verläufen stehen. Lege das Konto unter { $url } an, oder wähle bei dieser Adresse den Befehl „{ $command }“.
chat-which-account = Für welches Konto? Schreibe den Namen zwischen das Wort und den Code: code alice 123456. Für eine neue E-Mail: nochmal alice.
chat-status-stranger = Du schreibst von einem anderen Dienst, darum gibt es hier kein Konto von dir. Schreibe „hilfe“, um zu sehen, was du tun kannst.
chat-delete-confirm = Damit endet { $address } für immer, mit allem, was der Server für dich aufbewahrt. Wenn du das willst, schreibe: löschen { $address }
chat-command-only = Dafür wird dein Passwort gebraucht, und Nachrichten sind kein Ort dafür. Wähle bei dieser Adresse den Befehl „{ $command }“.
chat-password = Nachrichten sind kein Ort für Passwörter: Sie bleiben in Verläufen stehen. Wähle bei dieser Adresse den Befehl „{ $command }“.
chat-password-page = Nachrichten sind kein Ort für Passwörter: Sie bleiben in Verläufen stehen. Wähle bei dieser Adresse den Befehl „{ $command }“, oder geh, wenn du es vergessen hast, zu { $url }
chat-encrypted = Diese Nachricht kam verschlüsselt, und hier kann sie niemand lesen. Schalte die Verschlüsselung für dieses Gespräch aus; Geheimnisse braucht es darin nicht.
chat-unknown = Das verstehe ich nicht. Schreibe „hilfe“, um zu sehen, was du tun kannst.

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

letter-sms-verify = { $code } ist dein Code für { $account }. Er gilt { $minutes } Min. Gib ihn niemandem.
letter-sms-recover = { $code } ist der Code für ein neues Passwort für { $account }. Er gilt { $minutes } Min. Gib ihn niemandem. Wenn du ihn nicht verlangt hast, vergiss ihn.

letter-recover-subject = Ein neues Passwort für { $service }
letter-recover-intro = Jemand, hoffentlich du, möchte ein neues Passwort für dein Konto { $account } setzen.
letter-recover-code = Um es zu setzen, gib diesen Code dort ein, wo du darum gebeten hast:
letter-recover-link = Oder öffne diese Seite und wähle dort das neue Passwort:
letter-recover-button = Ein neues Passwort wählen
letter-recover-not-you = Wenn du das nicht warst, musst du nichts tun. Dein Passwort ist unverändert, und ohne den Code oder den Link kann es niemand ändern. Gib den Code niemandem.

letter-change-email-subject = Bestätige deine neue E-Mail-Adresse für { $service }
letter-change-email-intro = Jemand, hoffentlich du, möchte, dass das Konto { $account } ab jetzt diese E-Mail-Adresse hat.
letter-change-email-code = Zum Bestätigen gib diesen Code dort ein, wo du ihn angefordert hast:
letter-change-email-not-you = Wenn du das nicht warst, brauchst du nichts zu tun. Ohne den Code behält das Konto seine Adresse. Gib den Code niemandem.

letter-email-changed-subject = Die E-Mail-Adresse deines Kontos bei { $service } hat sich geändert
letter-email-changed-intro = Das Konto { $account } hat jetzt eine andere E-Mail-Adresse; diese hier wird nicht mehr dafür benutzt.
letter-email-changed-new = Die neue Adresse:
letter-email-changed-what-to-do = Wenn du sie geändert hast, ist nichts zu tun.
letter-email-changed-not-you = Wenn du das nicht warst, hat jemand dein Passwort: Melde dich an und ändere sofort beides, oder frag den Betreiber des Dienstes.

letter-leaving-subject = Dein Konto bei { $service } wird gelöscht
letter-leaving-intro = Jemand, hoffentlich du, will das Konto { $account } löschen.
letter-leaving-when = Gelöscht wird es am:
letter-leaving-what-to-do = Wenn du das willst, ist nichts zu tun. Um das Konto zu behalten, öffne vorher diese Seite: { $url }
letter-leaving-not-you = Wenn du das nicht warst, hat jemand dein Passwort: Behalte das Konto und ändere sofort das Passwort.

letter-invitation-subject = Dein Weg zu { $service }
letter-invitation-intro = Jemand, hoffentlich du, möchte ein Konto bei { $domain } und hat diese E-Mail-Adresse angegeben.
letter-invitation-link = Mit dieser Einladung ist deine Adresse bestätigt. Öffne sie auf dem Gerät, mit dem du chatten willst:
letter-invitation-button = Einladung öffnen
letter-invitation-until = Damit kann ein Konto angelegt werden, bis zum { $time }.
letter-invitation-not-you = Wenn du das nicht warst, musst du nichts tun. Gib den Link niemandem.

letter-already-registered-subject = Du hast schon ein Konto bei { $service }
letter-already-registered-intro = Jemand, vielleicht du, hat versucht, mit dieser E-Mail-Adresse das Konto { $account } zu registrieren.
letter-already-registered-intro-invitation = Jemand, vielleicht du, hat mit dieser E-Mail-Adresse um eine Einladung gebeten.
letter-already-registered-existing = Diese Adresse gehört schon zu deinem Konto:
letter-already-registered-what-to-do = Jede Adresse kann nur für ein Konto genutzt werden, darum wurde das neue nicht bestätigt. Nutze das Konto, das du hast, mit dem Passwort, das du dafür gewählt hast.
letter-already-registered-not-you = Wenn du das nicht warst, musst du nichts tun. An deinem Konto hat sich nichts geändert, und wer es versucht hat, hat nicht erfahren, dass du eines hast.

## Webseiten. In Überschriften hat "E-Mail" einen Strich, der nicht umbricht (U+2011).

page-language-name = Deutsch
page-languages = Sprache
page-skip = Zum Inhalt springen
page-footer = Diese Seite braucht keine Skripte und lädt nichts von anderswo.
page-terms = Nutzungsbedingungen
page-privacy = Datenschutz
page-imprint = Impressum
page-problem = Problem
page-problems = Bitte verbessern
page-optional = freiwillig
page-domain = Domain
page-to-start = Zur Startseite
page-to-form = Zurück zum Formular

page-start = Dein Konto bei { $service }
page-start-title = Start
page-start-lead = XMPP ist Chat für alle: viele Programme, viele Anbieter, ein Netz. Hier bekommst du ein Konto dafür.
page-start-active = Dein Konto { $address } ist bereit.
page-start-active-link = So benutzt du es
page-start-pending = Dein Konto { $address } wartet auf den Code aus unserer E-Mail.
page-start-pending-link = Code eingeben
page-start-closed = Zurzeit kann sich hier niemand registrieren. Bitte den Betreiber dieses Dienstes um ein Konto.
page-start-step-name = Wähle einen Namen
page-start-step-name-text = Daraus wird deine Adresse; sie endet auf
page-start-step-prove = Bestätige deine E-Mail-Adresse
page-start-step-prove-text = Wir schicken dir eine E-Mail mit einem Code und einem Link.
page-start-step-chat = Chatte
page-start-step-chat-text = Mit jedem XMPP-Programm, auf dem Telefon oder am Computer.

page-register = Konto anlegen
page-register-lead = Damit kannst du mit allen chatten, die XMPP nutzen, gleich bei welchem Anbieter.
page-register-submit = Konto anlegen
page-hint-username = Buchstaben a bis z und Ziffern; im Inneren auch Punkte, Binde- und Unterstriche.
page-hint-username-unicode = Buchstaben und Ziffern einer Schrift; im Inneren auch Punkte, Binde- und Unterstriche.
page-hint-password =
    { $min ->
        [one] Mindestens ein Zeichen.
       *[other] Mindestens { $min } Zeichen. Gut sind ein paar Wörter, die nur du so zusammenstellst.
    }
page-strength =
    { $score ->
        [0] Sehr leicht zu erraten. Ein paar Wörter mehr machen es sicher.
        [1] Leicht zu erraten. Ein paar Wörter mehr machen es sicher.
        [2] Könnte erraten werden. Ein Wort mehr macht es sicher.
        [3] Schwer zu erraten.
       *[other] Sehr schwer zu erraten.
    }
page-hint-email = Dorthin schicken wir einen Code. Sonst bekommt sie niemand zu sehen.
page-hint-phone = Mit Landesvorwahl, zum Beispiel +49. Dorthin schicken wir einen Code per SMS. Sonst bekommt sie niemand zu sehen.
page-captcha-picture = Sechs verzerrte Zeichen. Steht eine Frage darunter, genügt deren Antwort.
page-captcha-work = Einen Augenblick: dein Browser rechnet etwas aus, das Roboter fernhält.
page-hint-captcha = Groß- und Kleinschreibung und Leerzeichen sind egal.
page-hint-captcha-one = Beantworte dies oder das andere; eines genügt. Groß- und Kleinschreibung und Leerzeichen sind egal.
page-link-have-code = Ich habe schon einen Code

page-verify = Bestätige deine E‑Mail-Adresse
page-verify-account = Bestätige dein Konto
page-verify-lead = Wir haben eine E-Mail an { $email } geschickt. Gib den Code daraus ein oder öffne den Link darin, dann ist dein Konto { $address } bereit.
page-verify-lead-phone = Wir haben eine SMS an { $phone } geschickt. Gib den Code daraus ein, dann ist dein Konto { $address } bereit.
page-verify-lead-both = Wir haben eine E-Mail an { $email } und eine SMS an { $phone } geschickt. Gib beide Codes nacheinander ein, dann ist dein Konto { $address } bereit.
page-verify-lead-no-email = Gib den Code aus der Nachricht ein, die wir dir geschickt haben, dann ist dein Konto { $address } bereit.
page-verify-lead-unknown = Gib deinen Benutzernamen und den Code aus der Nachricht ein, die wir dir geschickt haben.
page-verify-sent = Wenn dieses Konto auf seinen Code wartet, ist eine neue Nachricht unterwegs. Codes aus älteren gelten nicht mehr. Sieh auch im Spam-Ordner nach.
page-verify-submit = Bestätigen
page-verify-resend = Neuen Code schicken
page-label-code = Code
page-hint-code = { $digits } Ziffern aus unserer Nachricht.
page-link-wrong-address = Die E-Mail-Adresse war falsch
page-link-wrong-address-or-number = Die Adresse oder die Nummer war falsch
page-link-other-account = Ich habe einen Code für ein anderes Konto

page-link = Bestätige deine E‑Mail-Adresse
page-link-lead = Ein Druck auf den Knopf, und dein Konto { $address } ist bereit.
page-link-submit = Adresse bestätigen

page-address = E‑Mail-Adresse verbessern
page-address-or-number = Adresse oder Nummer verbessern
page-address-lead = Solange sie nicht bestätigt ist, kannst du deine Angabe ersetzen. Das Passwort ist das, das du für dein neues Konto gewählt hast.
page-address-submit = Neuen Code schicken
page-label-new-email = Neue E-Mail-Adresse
page-label-new-phone = Neue Telefonnummer

page-recover = Ein neues Passwort
page-recover-lead = Wenn du dein Passwort vergessen hast, schicken wir einen Code an die E-Mail-Adresse, die du bestätigt hast.
page-recover-submit = Den Code schicken
page-recover-sent = Wenn dieses Konto eine bestätigte E-Mail-Adresse hat, ist ein Code dorthin unterwegs. Sieh auch im Spam-Ordner nach.
page-recover-code-lead = Gib den Code aus unserer E-Mail ein und wähle ein neues Passwort.
page-recover-link-lead = Wähle ein neues Passwort für { $address }.
page-recover-code-submit = Das neue Passwort setzen
page-recover-again = Einen anderen Code schicken
page-recovered = Dein Passwort ist geändert
page-recovered-text = Melde dich jetzt mit dem neuen Passwort an. Alle Programme, die angemeldet waren, wurden abgemeldet.
page-start-recover = Ich habe mein Passwort vergessen

page-web-form = Konten für Programme: das Web-Formular
page-web-form-lead = Diese Ressource legt aus dem Formular einer Webseite ein Konto bei { $domain } an. Davor steht ein CAPTCHA; der Code geht an die E-Mail-Adresse, und der Browser ist sofort angemeldet. Das geht, solange der API-Schlüssel, den der Betreiber dafür vorgesehen hat, noch Konten übrig hat.
page-web-form-key = API-Schlüssel eingerichtet
page-web-form-limit = Höchstzahl der Konten
page-web-form-created = Angelegte Konten
page-web-form-deleted = Gelöschte Konten
page-web-form-left = Verbleibende Konten
page-web-form-captcha = CAPTCHA eingerichtet
page-web-form-open = Derzeit benutzbar
page-web-form-submit = Konto anlegen
page-yes = Ja
page-no = Nein

page-signin = Bei deinem Konto anmelden
page-signin-lead = Sieh nach, was über dich gespeichert ist, ändere dein Passwort oder lösche dein Konto.
page-signin-submit = Anmelden
page-account = Dein Konto
page-account-lead = Du bist höchstens eine Stunde lang angemeldet.
page-account-signout = Abmelden
page-account-back = Zurück zu deinem Konto
page-account-password = Passwort ändern
page-account-password-lead = Mit dem neuen Passwort müssen sich alle deine Programme neu anmelden; andere Browser werden abgemeldet.
page-account-password-submit = Passwort ändern
page-account-password-changed = Ab jetzt gilt das neue Passwort.
page-account-email = E‑Mail-Adresse ändern
page-account-email-lead = Die neue Adresse muss sich beweisen, bevor sie an die Stelle der alten tritt; die alte wird benachrichtigt.
page-account-email-submit = Code senden
page-account-email-sent = Ein Code ist zur neuen Adresse unterwegs. Sieh auch im Spamordner nach.
page-account-email-confirm = Adresse ändern
page-account-data = Deine Daten herunterladen (JSON)
page-account-data-xml = Dein Konto für einen anderen Server herunterladen (XEP-0227)
page-account-delete = Konto löschen
page-account-delete-lead = { $address } wird sofort gelöscht, mit allem, was der Server dafür aufhebt: Kontakte, Nachrichten, Dateien. Das lässt sich nicht rückgängig machen, und den Namen bekommt eine Zeit lang niemand.
page-account-delete-lead-later = { $address } wird am { $time } gelöscht, mit allem, was der Server dafür aufhebt: Kontakte, Nachrichten, Dateien. Bis dahin kann sich niemand anmelden, und du kannst es zurücknehmen.
page-account-delete-submit = Endgültig löschen
page-deleted = Das Konto ist gelöscht
page-deleted-text = Alles, was hier über dich gespeichert war, geht mit ihm.
page-leaving = Das Konto wird gelöscht
page-leaving-text = Das geschieht am { $time }. Du bist überall abgemeldet. Wenn du es dir bis dahin anders überlegst, behalte das Konto mit seinem Passwort.
page-keep = Konto behalten
page-keep-lead = Du wolltest, dass das Konto gelöscht wird. Gib seinen Namen und sein Passwort ein, dann bleibt es, wie es war.
page-keep-submit = Behalten
page-kept = Das Konto bleibt
page-kept-text = Nichts davon ist verloren. Du kannst dich wieder anmelden.

page-welcome = Willkommen
page-welcome-lead = Deine E-Mail-Adresse ist bestätigt und dein Konto ist bereit.
page-welcome-lead-ready = Dein Konto ist bereit.
page-welcome-address = Deine XMPP-Adresse
page-welcome-how = Öffne ein XMPP-Programm, wähle die Anmeldung mit einem vorhandenen Konto und gib diese Adresse und dein Passwort ein.
page-welcome-clients = Programme dafür
page-welcome-clients-text = Das sind Programme anderer; es gibt noch viel mehr. Du kannst mehrere zugleich nutzen.

page-invite = Du bist zu { $service } eingeladen
page-invite-by = { $inviter } lädt dich zum Chatten ein.
page-invite-lead = Mit dieser Einladung bekommst du ein Konto bei { $domain } und kannst mit allen chatten, die XMPP benutzen.
page-invite-lead-name = Mit dieser Einladung bekommst du das Konto { $address } und kannst mit allen chatten, die XMPP benutzen.
page-invite-lead-proven = Deine E-Mail-Adresse ist bestätigt. Wähle jetzt einen Namen und ein Passwort, dann ist dein Konto bei { $domain } bereit.
page-invite-step-install = Installiere ein Chat-Programm
page-invite-step-install-text = Wenn du noch keines hast, nimm eines aus der Liste unten. Komm dann auf diese Seite zurück.
page-invite-step-open = Öffne die Einladung damit
page-invite-step-open-text = Das Programm fragt nach einem Namen und einem Passwort, und dein Konto ist bereit. Wenn es keine Einladungen kennt, registriere dich auf dieser Seite und melde dich damit an.
page-invite-open = Im Programm öffnen
page-invite-register = Auf dieser Seite registrieren
page-invite-clients = Programme
page-invite-qr = Um mit dem Telefon weiterzumachen, richte seine Kamera hierauf.
page-invite-qr-label = QR-Code mit der Adresse dieser Seite
page-invite-until = Die Einladung gilt bis zum { $time }. Gib ihre Adresse nur Leuten, die du einladen willst.
page-invite-ask = Ein Konto für dein Chat-Programm
page-invite-ask-lead = Manche Programme können sich nur mit Namen und Passwort registrieren. Bestätige zuerst deine E-Mail-Adresse: Wir schicken dir eine Einladung zu { $domain }, die du im Programm öffnest, und dein Konto ist sofort bereit.
page-invite-ask-submit = Einladung schicken
page-invite-sent = Eine E-Mail ist unterwegs. Öffne die Einladung darin auf dem Gerät, mit dem du chatten willst. Sieh auch im Spam-Ordner nach.
page-link-invite-ask = Lieber in einem Chat-Programm registrieren
page-label-invitation = Einladung
page-hint-invitation = Der Link, den du bekommen hast, oder die Buchstaben und Ziffern an seinem Ende.

page-error-not-found = Diese Seite gibt es nicht
page-error-not-found-text = Vielleicht ist die Adresse vertippt, oder die Seite ist nicht mehr da.
page-error-method = Das geht hier nicht
page-error-method-text = So kann diese Seite nicht aufgerufen werden. Beginne auf der Startseite.
page-error-malformed = Das ist nicht lesbar
page-error-malformed-text = Was dein Browser geschickt hat, hat nicht die Form, in der unsere Seiten senden. Beginne auf der Startseite.
page-error-too-large = Das ist zu viel
page-error-too-large-text = Was geschickt wurde, ist größer als alle unsere Formulare.
page-error-too-slow = Das hat zu lange gedauert
page-error-too-slow-text = Das Formular kam nicht rechtzeitig an. Prüfe deine Verbindung und versuche es noch einmal.
page-error-foreign-form = Bitte schicke das Formular noch einmal
page-error-foreign-form-text = Es war nicht sicher, dass das Formular von dir kam, darum wurde nichts getan. Vielleicht war es sehr lange offen, oder dein Browser behält für diese Seite keine Cookies.
page-error-busy = Gerade ist zu viel los
page-error-busy-text = Das geht gerade nicht. Versuche es gleich noch einmal.
page-error-fault = Hier ist etwas nicht in Ordnung
page-error-fault-text = Das liegt an uns, nicht an dir. Versuche es später noch einmal. Wenn es so bleibt, nenne dem Betreiber dieses Dienstes das Wort { $reference }.
