# Svenska, med du-tilltal. Förklaringar till nycklarna finns i en.ftl.

## Registreringsformulärets fält

label-username = Användarnamn
label-password = Lösenord
label-old-password = Gammalt lösenord
label-new-password = Nytt lösenord
label-email = E-postadress
label-phone = Telefonnummer
label-captcha-picture = Tecknen i bilden

## Vad som är fel i ett fält

field-missing =
    { $field ->
        [username] Välj ett användarnamn.
        [password] Välj ett lösenord.
        [email] Ange din e-postadress.
        [phone] Ange ditt telefonnummer.
       *[other] { $label }: fyll i det här fältet.
    }
field-repeated = { $label }: det här angavs flera gånger med olika värden. Ange det en enda gång.
field-malformed =
    { $field ->
        [email] Det här är ingen e-postadress som vi kan skriva till. Den ska se ut som namn@example.org.
        [phone] Det här är inget telefonnummer med landskod. Det ska se ut som +46 70 123 45 67.
       *[other] { $label }: det här går inte att läsa. Kontrollera hur det är skrivet.
    }
field-characters =
    { $field ->
        [username] Användarnamnet har ett tecken som inte kan användas här. Bokstäverna a till z och siffror går alltid bra; punkt, bindestreck och understreck bara inne i namnet.
        [password] Lösenordet har ett tecken som inte alla program kan skicka. Välj ett annat lösenord.
       *[other] { $label }: här finns ett tecken som inte kan användas.
    }
field-too-short =
    { $field ->
        [username] Användarnamnet är för kort. Välj ett med minst { $min } tecken.
       *[other] { $label }: det här är för kort. Det behövs minst { $min } tecken.
    }
field-too-long =
    { $field ->
        [username] Användarnamnet är för långt. Välj ett med högst { $max } tecken.
        [password] Lösenordet är för långt. Välj ett med högst { $max } enkla tecken.
        [email] E-postadressen är för lång. Ange en med högst { $max } tecken.
       *[other] { $label }: det här är för långt. Det får vara högst { $max } tecken.
    }
field-reserved = Det här namnet är reserverat. Välj ett annat.
field-too-weak = Lösenordet är för svagt. Välj ett med minst { $min } tecken som inte är ditt användarnamn.
field-breached = Det här lösenordet finns på en lista över lösenord som andra har blivit av med; den som gissar prövar det först. Välj ett annat.

## Datum

date-month =
    { $count ->
        [1] januari
        [2] februari
        [3] mars
        [4] april
        [5] maj
        [6] juni
        [7] juli
        [8] augusti
        [9] september
        [10] oktober
        [11] november
       *[12] december
    }
date-time = { $day } { $month } { $year } kl. { $time } UTC

## Avslag

wait-seconds =
    { $count ->
        [one] en sekund
       *[other] { $count } sekunder
    }
wait-minutes =
    { $count ->
        [one] en minut
       *[other] { $count } minuter
    }
wait-hours =
    { $count ->
        [one] en timme
       *[other] { $count } timmar
    }

refusal-invalid-page = Du kan också registrera dig här: { $url }
refusal-name-taken = Användarnamnet är upptaget. Välj ett annat.
refusal-wrong-signature = Formulärets signatur är fel, för gammal eller redan använd. Begär ett nytt formulär och kontrollera API-nyckeln och dess hemlighet.
refusal-wrong-clock = Tiden i formulärets signatur ligger för långt från vår. Ställ klockan och signera igen.
refusal-key-exhausted = Den här API-nyckeln har skapat så många konton som den får. Be den som driver tjänsten om fler.
refusal-key-revoked = Den här API-nyckeln gäller inte längre. Vänd dig till den som driver tjänsten.
refusal-no-such-key = Den API-nyckeln finns inte.
refusal-no-such-branch = Den filialen finns inte, eller så har den återkallats.
refusal-wrong-branch = Filialen, dess hemlighet eller aktiveringstoken gäller inte.
refusal-registration-closed = Just nu kan ingen registrera sig här. Be den som driver tjänsten om ett konto.
refusal-registration-closed-page = Du kan inte registrera dig här i det här programmet. Hur du får ett konto står på { $url }
refusal-web-only = På den här tjänsten registrerar man sig på webbsidan, inte i det här programmet.
refusal-web-only-page = På den här tjänsten registrerar man sig på webbsidan, inte i det här programmet: { $url }
refusal-invitations-off = Inbjudningar är avstängda på den här domänen.
refusal-invitation-required = Du behöver en inbjudan för att registrera dig här. Be någon som har ett konto här, eller den som driver tjänsten.
refusal-invitation-required-page = Du behöver en inbjudan för att registrera dig här. Om du har en, öppna dess länk eller ange den här: { $url }
refusal-invitation-invalid = Inbjudan gäller inte, eller gäller inte längre. Be om en ny.
refusal-invitation-for-name = Inbjudan gäller bara för användarnamnet { $name }.
refusal-too-many = Det blev för många gånger på kort tid. Försök igen om { $wait }.
refusal-busy = Det går inte just nu. Försök igen om { $wait }.
refusal-wrong-password = Användarnamnet eller lösenordet är fel.
refusal-token-invalid = Du är inte inloggad, eller inte längre. Logga in igen.
refusal-proof-needed = Ange ditt nuvarande lösenord för att göra detta.
refusal-account-pending = Du måste bekräfta din e-postadress innan du kan använda kontot. Ange koden från mejlet som vi har skickat till dig.
refusal-account-pending-page = Du måste bekräfta din e-postadress innan du kan använda kontot. Ange koden från mejlet som vi har skickat till dig här: { $url }
refusal-account-suspended = Kontot är avstängt. Fråga den som driver tjänsten.
refusal-account-suspended-reason = Kontot är avstängt: { $reason }
refusal-account-leaving = Du har bett om att kontot ska raderas: { $time }. Till dess kan du behålla det.
refusal-account-leaving-page = Du har bett om att kontot ska raderas: { $time }. Till dess kan du behålla det: { $url }
refusal-wrong-code = Det är inte rätt kod eller länk. Titta i det senaste mejlet som vi har skickat till dig.
refusal-wrong-code-tries =
    { $count ->
        [0] Det är inte rätt kod, och det finns inga försök kvar. Begär ett nytt mejl.
        [one] Det är inte rätt kod. Du har ett försök kvar; titta i det senaste mejlet som vi har skickat till dig.
       *[other] Det är inte rätt kod. Du har { $count } försök kvar; titta i det senaste mejlet som vi har skickat till dig.
    }
refusal-code-expired = Koden eller länken gäller inte längre. Begär ett nytt mejl.
refusal-code-expired-page = Koden eller länken gäller inte längre. Begär ett nytt mejl här: { $url }
refusal-address-in-use = E-postadressen hör till ett annat konto. Ange en annan adress, eller använd kontot som du har.
refusal-not-registered = Du har inget konto här.
refusal-not-registered-page = Du har inget konto här. Du kan registrera dig på { $url }
refusal-no-such-account = Det kontot finns inte.
refusal-not-allowed = Det kan du inte göra själv här. Fråga den som driver tjänsten.
refusal-insecure-channel = Anslutningen är inte krypterad. Slå på kryptering (TLS) och försök igen.
refusal-captcha-required = Lös en av CAPTCHA-uppgifterna för att registrera dig här.
refusal-captcha-required-page = Lös en av CAPTCHA-uppgifterna för att registrera dig här. Om ditt program inte visar någon kan du registrera dig på den här sidan: { $url }
refusal-captcha-wrong = Det är inte rätt svar på CAPTCHA-uppgiften. Här är en ny.
refusal-captcha-expired = CAPTCHA-uppgiften var för gammal eller redan använd. Här är en ny.
refusal-unknown-domain = Tjänsten har inga konton för den adressen.

## Texter i chattprogrammet

# Program känner igen ett svagt lösenord på just de här orden: desamma på alla språk.
xmpp-password-too-weak = The password is too weak
xmpp-try-later = Något fungerar inte här. Försök igen senare.
xmpp-try-later-reference = Något fungerar inte här. Försök igen senare. Om det inte går över, säg ordet { $reference } till den som driver tjänsten.
xmpp-form-title = Nytt konto på { $domain }
xmpp-instructions = Välj ett namn och ett lösenord för ditt konto på { $domain }.
xmpp-instructions-tasks = Välj ett namn och ett lösenord för ditt konto på { $domain }. Gör sedan en av uppgifterna i slutet av formuläret: ett rätt svar räcker.
xmpp-instructions-form = Fyll i formuläret för att få ett konto på { $domain }.
xmpp-instructions-web = Öppna { $url } för att få ett konto på { $domain }.
xmpp-or-page = Du kan också registrera dig här: { $url }
xmpp-else-page = Om programmet inte visar något formulär kan du registrera dig här: { $url }
xmpp-captcha-work = För program som räknar ut svaret. Lämna det tomt.
xmpp-registered-instructions = Du har ett konto här. Du kan byta lösenord eller radera kontot.
xmpp-password-change-incomplete = För att byta lösenord anger du ditt namn och det nya lösenordet.
xmpp-password-change-title = Nytt lösenord
xmpp-password-change-instructions = Ange ditt gamla lösenord och det nya.
xmpp-removal-title = Radera ditt konto
xmpp-removal-instructions = Ange ditt lösenord för att radera ditt konto med allt i det för gott.

## Kommandon. $address är en hel XMPP-adress.

adhoc-list = Vad du kan göra här
adhoc-register = Skapa ett konto
adhoc-choose-domain = Din adress slutar på den domän som du väljer.
adhoc-verify = Bekräfta en e-postadress
adhoc-code-instructions = Ange koden ur meddelandet som vi har skickat för { $address }.
adhoc-ready = Det är bekräftat. Du kan logga in som { $address } nu.
page-verify-further = Det är bekräftat. Ange nu koden ur det andra meddelandet.
adhoc-resend = Skicka koden igen
adhoc-resend-instructions = Ange användarnamnet för kontot som väntar på sin kod.
adhoc-correct-email = Rätta e-postadressen för ett nytt konto
adhoc-invite = Bjud in någon
adhoc-create-account = Bjud in någon till ett konto
adhoc-create-account-text = Du får en länk som en person kan skapa ett konto på { $domain } med. Med ett namn gäller den bara för det namnet.
adhoc-roster-subscription = Bli varandras kontakter
adhoc-invitation-uri = Länk för program
adhoc-invitation-page = Sida att skicka till människor
adhoc-invitation-expire = Gäller till
adhoc-my-data = Vad som finns sparat om dig
adhoc-data-account = Konto
adhoc-data-state = Läge
adhoc-data-state-word =
    { $state ->
        [active] i bruk
        [pending] väntar på sin kod
        [suspended] avstängt
       *[other] { $state }
    }
adhoc-data-email-verified = E-postadressen bekräftad
adhoc-data-phone-verified = Telefonnumret bekräftat
adhoc-data-created = Registrerat
adhoc-data-activated = Klart att använda första gången
adhoc-data-events = Vad som har hänt
adhoc-data-event =
    { $action ->
        [registered] registrerat
        [activated] klart att använda
        [password-changed] lösenordet bytt
        [deletion-asked] radering begärd
        [email-change-asked] kod för en annan e-postadress skickad
        [email-changed] e-postadressen ändrad
        [email-corrected] e-postadressen rättad
        [phone-corrected] telefonnumret rättat
        [email-proven] e-postadressen bekräftad
        [phone-proven] telefonnumret bekräftat
        [verification-resent] koden skickad igen
        [suspended] avstängt
        [resumed] avstängningen upphävd
       *[other] { $action }
    }
adhoc-change-password = Byta lösenord
adhoc-change-password-instructions = Alla dina andra program loggas ut och behöver det nya lösenordet.
adhoc-label-password-again = Det nya lösenordet en gång till
adhoc-password-differs = De två lösenorden är inte lika. Ange det nya lösenordet två gånger.
adhoc-password-changed = Lösenordet är bytt.
adhoc-delete = Radera kontot
adhoc-delete-warning = Ditt konto och allt som servern har sparat åt dig försvinner för gott. Ingen kan få tillbaka det.
adhoc-label-confirm-delete = Ja, radera { $address }
adhoc-delete-unconfirmed = Inget har raderats. Bekräfta för att radera kontot.
adhoc-deleted = Kontot { $address } är raderat.
flow-register = Ett nytt konto på { $domain }
flow-recover = En kod med e-post, för ditt konto på { $domain }
flow-web = På en webbsida
chat-words-help = hjälp ?
chat-words-register = registrera
chat-words-code = kod bekräfta
chat-words-resend = igen omsändning
chat-words-status = status läge
chat-words-delete = radera
chat-words-password = lösenord
chat-help =
    Tjänsten sköter kontona på { $domain }. Du kan skriva:
    registrera – hur du får ett konto
    kod alice 123456 – bekräftar e-postadressen för det nya kontot alice
    igen alice – skickar koden en gång till
    lösenord – vad du gör om du har glömt lösenordet
chat-help-owner =
    Tjänsten sköter ditt konto. Du kan skriva:
    status – vad som finns sparat
    lösenord – hur du byter lösenord
    radera – raderar kontot, efter en bekräftelse
    kod alice 123456 – bekräftar e-postadressen för det nya kontot alice
chat-register = Meddelanden är ingen plats för lösenord: de blir kvar i historiken. Kanske kan ditt program kommandon: välj ”{ $command }” på den här adressen.
chat-register-page = Meddelanden är ingen plats för lösenord: de blir kvar i historiken. Skapa kontot på { $url } eller välj kommandot ”{ $command }” på den här adressen.
chat-which-account = För vilket konto? Skriv namnet mellan ordet och koden: kod alice 123456. För ett nytt mejl: igen alice.
chat-status-stranger = Du skriver från en annan tjänst, så du har inget konto här. Skriv ”hjälp” för att se vad du kan göra.
chat-delete-confirm = Det här raderar { $address } för gott, med allt som servern har sparat åt dig. Om du menar det, skriv: radera { $address }
chat-command-only = För det behövs ditt lösenord, och meddelanden är ingen plats för det. Välj kommandot ”{ $command }” på den här adressen.
chat-password = Meddelanden är ingen plats för lösenord: de blir kvar i historiken. Välj kommandot ”{ $command }” på den här adressen.
chat-password-page = Meddelanden är ingen plats för lösenord: de blir kvar i historiken. Välj kommandot ”{ $command }” på den här adressen, eller gå till { $url } om du har glömt det.
chat-encrypted = Meddelandet kom krypterat, och ingen kan läsa det här. Stäng av krypteringen för den här chatten; det behövs inga hemligheter i den.
chat-unknown = Det förstår jag inte. Skriv ”hjälp” för att se vad du kan göra.

## Mejl

letter-greeting = Hej!
letter-automatic = Det här meddelandet skickades automatiskt.

letter-verify-subject = Bekräfta din e-postadress för { $service }
letter-verify-intro = Någon, förhoppningsvis du, har registrerat kontot { $account } med den här e-postadressen.
letter-verify-code = Ange den här koden för att bekräfta adressen:
letter-verify-code-lifetime =
    { $minutes ->
        [one] Koden gäller i en minut, till kl. { $time } UTC.
       *[other] Koden gäller i { $minutes } minuter, till kl. { $time } UTC.
    }
letter-verify-link = Eller öppna den här sidan och tryck på knappen där:
letter-verify-button = Bekräfta adressen
letter-verify-not-you = Om det inte var du behöver du inte göra något. Utan koden eller länken kan ingen använda kontot med din adress. Ge inte koden till någon.

letter-sms-verify = { $code } är din kod för { $account }. Den gäller i { $minutes } min. Ge den inte till någon.
letter-sms-recover = { $code } är koden för ett nytt lösenord för { $account }. Den gäller i { $minutes } min. Ge den inte till någon. Om du inte har bett om den kan du glömma den.
letter-recover-subject = Ett nytt lösenord för { $service }
letter-recover-intro = Någon, förhoppningsvis du, vill välja ett nytt lösenord för ditt konto { $account }.
letter-recover-code = Ange den här koden där du bad om den:
letter-recover-link = Eller öppna den här sidan och välj det nya lösenordet där:
letter-recover-button = Välj ett nytt lösenord
letter-recover-not-you = Om det inte var du behöver du inte göra något. Ditt lösenord är oförändrat, och ingen kan byta det utan koden eller länken. Ge inte koden till någon.
letter-change-email-subject = Bekräfta din nya e-postadress för { $service }
letter-change-email-intro = Någon, förhoppningsvis du, vill att kontot { $account } ska ha den här e-postadressen från och med nu.
letter-change-email-code = Bekräfta den genom att skriva in koden där du bad om den:
letter-change-email-not-you = Om det inte var du behöver du inte göra något. Utan koden behåller kontot sin adress. Ge inte koden till någon.

letter-email-changed-subject = E-postadressen för ditt konto hos { $service } har ändrats
letter-email-changed-intro = Kontot { $account } har en annan e-postadress nu, och den här används inte längre för det.
letter-email-changed-new = Den nya adressen:
letter-email-changed-what-to-do = Om du har bytt den behöver du inte göra något.
letter-email-changed-not-you = Om det inte var du har någon ditt lösenord: logga in och byt båda genast, eller fråga den som driver tjänsten.

letter-leaving-subject = Ditt konto hos { $service } kommer att raderas
letter-leaving-intro = Någon, förhoppningsvis du, har bett om att kontot { $account } ska raderas.
letter-leaving-when = Det raderas:
letter-leaving-what-to-do = Om du vill det behöver du inte göra något. Öppna den här sidan innan dess om du vill behålla kontot: { $url }
letter-leaving-not-you = Om det inte var du har någon ditt lösenord: behåll kontot och byt lösenordet genast.

letter-invitation-subject = Din väg till { $service }
letter-invitation-intro = Någon, förhoppningsvis du, vill ha ett konto på { $domain } och har angett den här e-postadressen.
letter-invitation-link = Med den här inbjudan är din adress bekräftad. Öppna den på enheten som du vill chatta med:
letter-invitation-button = Öppna inbjudan
letter-invitation-until = Den ger ett konto, till den { $time }.
letter-invitation-not-you = Om det inte var du behöver du inte göra något. Ge inte länken till någon.

letter-already-registered-subject = Du har redan ett konto på { $service }
letter-already-registered-intro = Någon, kanske du, har försökt registrera kontot { $account } med den här e-postadressen.
letter-already-registered-intro-invitation = Någon, kanske du, har bett om en inbjudan med den här e-postadressen.
letter-already-registered-existing = Adressen hör redan till ditt konto:
letter-already-registered-what-to-do = Varje adress kan användas för ett enda konto, så det nya bekräftades inte. Logga in på kontot som du har, med lösenordet som du har valt för det.
letter-already-registered-not-you = Om det inte var du behöver du inte göra något. Ditt konto är oförändrat, och den som försökte har inte fått veta att du har ett.

## Webbsidor. I rubriker har "e‑post" ett bindestreck som inte bryts (U+2011).

page-language-name = Svenska
page-languages = Språk
page-skip = Hoppa till innehållet
page-footer = Sidan behöver inga skript och hämtar inget från andra ställen.
page-terms = Användarvillkor
page-privacy = Integritet
page-imprint = Om tjänsten
page-problem = Problem
page-problems = Rätta det här
page-optional = frivilligt
page-domain = Domän
page-to-start = Till startsidan
page-to-form = Tillbaka till formuläret

page-start = Ditt konto på { $service }
page-start-title = Start
page-start-lead = XMPP är chatt för alla: många program, många leverantörer, ett nät. Här får du ett konto.
page-start-active = Ditt konto { $address } är klart.
page-start-active-link = Så använder du det
page-start-pending = Ditt konto { $address } väntar på koden från vårt mejl.
page-start-pending-link = Ange koden
page-start-closed = Just nu kan ingen registrera sig här. Be den som driver tjänsten om ett konto.
page-start-step-name = Välj ett namn
page-start-step-name-text = Det blir din adress, som slutar på
page-start-step-prove = Bekräfta din e‑postadress
page-start-step-prove-text = Vi skickar ett mejl med en kod och en länk till dig.
page-start-step-chat = Chatta
page-start-step-chat-text = Logga in med vilket XMPP-program som helst, på telefonen eller datorn.

page-register = Skapa ett konto
page-register-lead = Med det kan du chatta med alla som använder XMPP, oavsett leverantör.
page-register-submit = Skapa kontot
page-hint-username = Bokstäverna a till z och siffror; inne i namnet även punkt, bindestreck och understreck.
page-hint-username-unicode = Bokstäver och siffror ur en och samma skrift; inne i namnet även punkt, bindestreck och understreck.
page-hint-password =
    { $min ->
        [one] Minst ett tecken.
       *[other] Minst { $min } tecken. Några ord som bara du skulle sätta ihop är bra.
    }
page-strength =
    { $score ->
        [0] Mycket lätt att gissa. Några ord till gör det säkert.
        [1] Lätt att gissa. Några ord till gör det säkert.
        [2] Skulle kunna gissas. Ett ord till gör det säkert.
        [3] Svårt att gissa.
       *[other] Mycket svårt att gissa.
    }
page-hint-email = Vi skickar en kod dit. Ingen annan får se den.
page-hint-phone = Med landskod, till exempel +46. Vi skickar en kod dit med sms. Ingen annan får se det.
page-captcha-picture = Sex förvrängda tecken. Om det finns en fråga nedanför räcker svaret på den.
page-captcha-work = Ett ögonblick: din webbläsare gör en beräkning som håller robotar borta.
page-hint-captcha = Stora bokstäver och mellanslag spelar ingen roll.
page-hint-captcha-one = Svara på det här eller det andra; ett svar räcker. Stora bokstäver och mellanslag spelar ingen roll.
page-link-have-code = Jag har redan en kod

page-verify = Bekräfta din e‑postadress
page-verify-account = Bekräfta ditt konto
page-verify-lead = Vi har skickat ett mejl till { $email }. Ange koden ur det, eller öppna länken i det, så är ditt konto { $address } klart.
page-verify-lead-phone = Vi har skickat ett sms till { $phone }. Ange koden ur det, så är ditt konto { $address } klart.
page-verify-lead-both = Vi har skickat ett mejl till { $email } och ett sms till { $phone }. Ange den ena koden efter den andra, så är ditt konto { $address } klart.
page-verify-lead-no-email = Ange koden ur meddelandet som vi har skickat till dig, så är ditt konto { $address } klart.
page-verify-lead-unknown = Ange ditt användarnamn och koden ur meddelandet som vi har skickat till dig.
page-verify-sent = Om kontot väntar på sin kod är ett nytt meddelande på väg. Koder ur äldre meddelanden gäller inte längre. Titta även i skräpposten.
page-verify-submit = Bekräfta
page-verify-resend = Skicka en ny kod
page-label-code = Kod
page-hint-code = { $digits } siffror ur vårt meddelande.
page-link-wrong-address = E-postadressen var fel
page-link-wrong-address-or-number = Adressen eller numret var fel
page-link-other-account = Jag har en kod för ett annat konto

page-link = Bekräfta din e‑postadress
page-link-lead = Ett tryck på knappen, så är ditt konto { $address } klart.
page-link-submit = Bekräfta adressen

page-address = Rätta din e‑postadress
page-address-or-number = Rätta din adress eller ditt nummer
page-address-lead = Så länge uppgiften inte är bekräftad kan du byta ut den. Lösenordet är det som du har valt för ditt nya konto.
page-address-submit = Skicka en ny kod
page-label-new-email = Ny e-postadress
page-label-new-phone = Nytt telefonnummer
page-recover = Ett nytt lösenord
page-recover-lead = Om du har glömt ditt lösenord skickar vi en kod till e-postadressen som du har bekräftat.
page-recover-submit = Skicka koden
page-recover-sent = Om kontot har en bekräftad e-postadress är en kod på väg dit. Titta även i skräpposten.
page-recover-code-lead = Ange koden ur vårt mejl och välj ett nytt lösenord.
page-recover-link-lead = Välj ett nytt lösenord för { $address }.
page-recover-code-submit = Byt till det nya lösenordet
page-recover-again = Skicka en annan kod till mig
page-recovered = Ditt lösenord är bytt
page-recovered-text = Logga in med det nya lösenordet nu. Alla program som var inloggade har loggats ut.
page-start-recover = Jag har glömt mitt lösenord

page-web-form = Konton för program: webbformuläret
page-web-form-lead = Den här resursen skapar ett konto på { $domain } från formuläret på en webbsida. Före det finns en CAPTCHA; koden skickas till e-postadressen och webbläsaren är inloggad direkt. Det fungerar så länge API-nyckeln som operatören har avsatt för det har konton kvar.
page-web-form-key = API-nyckel konfigurerad
page-web-form-limit = Högsta antal konton
page-web-form-created = Skapade konton
page-web-form-deleted = Raderade konton
page-web-form-left = Konton kvar
page-web-form-captcha = CAPTCHA konfigurerad
page-web-form-open = Kan användas nu
page-web-form-submit = Skapa kontot
page-yes = Ja
page-no = Nej

page-signin = Logga in på ditt konto
page-signin-lead = Se vad som finns sparat om dig, byt lösenord eller radera ditt konto.
page-signin-submit = Logga in
page-account = Ditt konto
page-account-lead = Du är inloggad i högst en timme.
page-account-signout = Logga ut
page-account-back = Tillbaka till ditt konto
page-account-password = Byt lösenord
page-account-password-lead = Med det nya lösenordet måste alla dina program logga in igen; andra webbläsare loggas ut.
page-account-password-submit = Byt lösenord
page-account-password-changed = Det nya lösenordet gäller från och med nu.
page-account-email = Byt e‑postadress
page-account-email-lead = Den nya adressen måste bevisa sig innan den tar den gamlas plats; den gamla får veta det.
page-account-email-submit = Skicka en kod
page-account-email-sent = En kod är på väg till den nya adressen. Titta i skräpposten också.
page-account-email-confirm = Byt adress
page-account-data = Hämta dina uppgifter (JSON)
page-account-data-xml = Hämta ditt konto för en annan server (XEP-0227)
page-account-delete = Radera kontot
page-account-delete-lead = { $address } raderas genast, med allt som servern sparar för det: kontakter, meddelanden, filer. Det går inte att ångra, och ingen får namnet på ett tag.
page-account-delete-lead-later = { $address } raderas { $time }, med allt som servern sparar för det: kontakter, meddelanden, filer. Till dess kan ingen logga in, och du kan ångra dig.
page-account-delete-submit = Radera för gott
page-deleted = Kontot är raderat
page-deleted-text = Allt som fanns sparat om dig här försvinner med det.
page-leaving = Kontot kommer att raderas
page-leaving-text = Det sker { $time }. Du är utloggad överallt. Om du ändrar dig innan dess behåller du kontot med dess lösenord.
page-keep = Behåll kontot
page-keep-lead = Du har bett om att kontot ska raderas. Ange dess namn och lösenord, så blir det kvar som det var.
page-keep-submit = Behåll det
page-kept = Kontot blir kvar
page-kept-text = Ingenting är förlorat. Du kan logga in igen.

page-welcome = Välkommen
page-welcome-lead = Din e-postadress är bekräftad och ditt konto är klart.
page-welcome-lead-ready = Ditt konto är klart.
page-welcome-address = Din XMPP-adress
page-welcome-how = Öppna ett XMPP-program, välj att logga in med ett konto som du har, och ange den här adressen och ditt lösenord.
page-welcome-clients = Program att använda det med
page-welcome-clients-text = Det här är andras program; det finns många fler. Du kan använda flera samtidigt.
page-invite = Du är inbjuden till { $service }
page-invite-by = { $inviter } bjuder in dig att chatta.
page-invite-lead = Med den här inbjudan får du ett konto på { $domain }, så att du kan chatta med alla som använder XMPP.
page-invite-lead-name = Med den här inbjudan får du kontot { $address }, så att du kan chatta med alla som använder XMPP.
page-invite-lead-proven = Din e-postadress är bekräftad. Välj nu ett namn och ett lösenord, så är ditt konto på { $domain } klart.
page-invite-step-install = Installera ett chattprogram
page-invite-step-install-text = Om du inte har något än, ta ett ur listan nedan. Kom sedan tillbaka till den här sidan.
page-invite-step-open = Öppna inbjudan i det
page-invite-step-open-text = Programmet frågar efter ett namn och ett lösenord, och sedan är ditt konto klart. Om det inte känner till inbjudningar, registrera dig på den här sidan och logga in med det.
page-invite-open = Öppna i programmet
page-invite-register = Registrera dig på den här sidan
page-invite-clients = Program
page-invite-qr = Rikta telefonens kamera hit för att fortsätta där.
page-invite-qr-label = QR-kod med adressen till den här sidan
page-invite-until = Inbjudan gäller till den { $time }. Ge dess adress bara till dem som du vill bjuda in.
page-invite-ask = Ett konto för ditt chattprogram
page-invite-ask-lead = En del program kan bara registrera med namn och lösenord. Bekräfta din e-postadress först: vi skickar en inbjudan till { $domain } som du öppnar i programmet, så är ditt konto klart på en gång.
page-invite-ask-submit = Skicka inbjudan till mig
page-invite-sent = Ett mejl är på väg. Öppna inbjudan i det på enheten som du vill chatta med. Titta även i skräpposten.
page-link-invite-ask = Registrera dig i ett chattprogram i stället
page-label-invitation = Inbjudan
page-hint-invitation = Länken som du har fått, eller bokstäverna och siffrorna i slutet av den.

page-error-not-found = Sidan finns inte
page-error-not-found-text = Adressen kan vara felskriven, eller så är sidan borta.
page-error-method = Det fungerar inte här
page-error-method-text = Sidan kan inte öppnas på det sättet. Börja på startsidan.
page-error-malformed = Det går inte att läsa
page-error-malformed-text = Det som din webbläsare skickade ser inte ut som det som våra sidor skickar. Börja på startsidan.
page-error-too-large = Det är för mycket
page-error-too-large-text = Det som skickades är större än alla våra formulär.
page-error-too-slow = Det tog för lång tid
page-error-too-slow-text = Formuläret kom inte fram i tid. Kontrollera din anslutning och försök igen.
page-error-foreign-form = Skicka formuläret en gång till
page-error-foreign-form-text = Vi kunde inte försäkra oss om att formuläret kom från dig, så inget har gjorts. Kanske var det öppet väldigt länge, eller så sparar din webbläsare inga kakor för den här webbplatsen.
page-error-busy = För mycket att göra just nu
page-error-busy-text = Det går inte just nu. Försök igen om en stund.
page-error-fault = Något fungerar inte
page-error-fault-text = Felet är vårt, inte ditt. Försök igen senare. Om det inte går över, säg ordet { $reference } till den som driver tjänsten.
