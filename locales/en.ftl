# English. Every key is in every language, with the same arguments; tests/texts.rs holds that.
#
# Arguments are inserted as they are. The ones named count, day, minutes, min and max are numbers, so that plurals can be chosen.
# Texts of `field-` keys must not contain the letters "ip" or the word "quickly": some clients take that for a ban.

## Fields of the registration form

label-username = Username
label-password = Password
label-old-password = Old password
label-new-password = New password
label-email = E-mail address
label-phone = Phone number
label-captcha-picture = Characters in the picture

## What is wrong with a field. $field is its name, $label what people see.

field-missing =
    { $field ->
        [username] Choose a username.
        [password] Choose a password.
        [email] Enter your e-mail address.
        [phone] Enter your phone number.
       *[other] { $label }: please fill this in.
    }
field-repeated = { $label }: this was given more than once, with different values. Give it once.
field-malformed =
    { $field ->
        [email] This is not an e-mail address that we can write to. It has to look like name@example.org.
        [phone] This is not a phone number with its country code. It has to look like +44 7700 900123.
       *[other] { $label }: we cannot read this value. Check how it is written.
    }
field-characters =
    { $field ->
        [username] The username has a character that cannot be used here. The letters a to z and digits always work; dots, hyphens and underscores only inside the name.
        [password] The password has a character that not every program can send. Choose another password.
       *[other] { $label }: there is a character in it that cannot be used here.
    }
field-too-short =
    { $field ->
        [username] The username is too short. Choose one of at least { $min } characters.
       *[other] { $label }: this is too short. Give at least { $min } characters.
    }
field-too-long =
    { $field ->
        [username] The username is too long. Choose one of at most { $max } characters.
        [password] The password is too long. Choose one of at most { $max } plain characters.
        [email] The e-mail address is too long. Give one of at most { $max } characters.
       *[other] { $label }: this is too long. Give at most { $max } characters.
    }
field-reserved = This name is reserved. Choose another one.
field-too-weak = The password is too weak. Choose one of at least { $min } characters that is not your username.
field-breached = This password is on a list of passwords that others have lost; whoever guesses tries it first. Choose another one.

## Dates. $count is the number of the month, $month its name, $time is hours and minutes, in UTC.

date-month =
    { $count ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    }
date-time = { $day } { $month } { $year }, { $time } UTC

## Refusals

# $wait is one of these.
wait-seconds =
    { $count ->
        [one] one second
       *[other] { $count } seconds
    }
wait-minutes =
    { $count ->
        [one] one minute
       *[other] { $count } minutes
    }
wait-hours =
    { $count ->
        [one] one hour
       *[other] { $count } hours
    }

# Follows the texts of missing fields, for clients that cannot show every field.
refusal-invalid-page = You can also register at { $url }
refusal-name-taken = This username is taken. Choose another one.
refusal-wrong-signature = The signature of this form is wrong, too old or was used before. Ask for a new form, and check the API key and its secret.
refusal-wrong-clock = The signature of this form has a time that is too far from ours. Set the clock and sign again.
refusal-key-exhausted = This API key has made as many accounts as it may. Ask the operator of this service for more.
refusal-key-revoked = This API key no longer works. Ask the operator of this service.
refusal-no-such-key = There is no such API key.
refusal-no-such-branch = There is no such branch, or it was revoked.
refusal-wrong-branch = The branch, its secret or the activation token is not valid.
refusal-registration-closed = Nobody can register here at the moment. Ask the operator of this service for an account.
refusal-registration-closed-page = You cannot register here in this program. How to get an account is said at { $url }
refusal-web-only = People register on the web page of this service, not in this program.
refusal-web-only-page = People register on the web page of this service, not in this program: { $url }
refusal-invitations-off = Invitations are switched off on this domain.
refusal-invitation-required = You need an invitation to register here. Ask somebody who has an account here, or the operator of this service.
refusal-invitation-required-page = You need an invitation to register here. If you have one, open its link, or enter it at { $url }
refusal-invitation-invalid = This invitation does not work, or no longer works. Ask for a new one.
refusal-invitation-for-name = This invitation is for the username { $name } only.
refusal-too-many = That was too often in a short time. Try again in { $wait }.
refusal-busy = We cannot do this right now. Try again in { $wait }.
refusal-wrong-password = The username or the password is wrong.
refusal-token-invalid = You are not logged in, or no longer. Log in again.
refusal-proof-needed = Enter your current password to do this.
refusal-account-pending = Your e-mail address has to be confirmed before you can use this account. Enter the code from the e-mail that we sent you.
refusal-account-pending-page = Your e-mail address has to be confirmed before you can use this account. Enter the code from the e-mail that we sent you at { $url }
refusal-account-suspended = This account is suspended. Ask the operator of this service.
refusal-account-suspended-reason = This account is suspended: { $reason }
refusal-account-leaving = You have asked for this account to be deleted on { $time }. Until then you can keep it.
refusal-account-leaving-page = You have asked for this account to be deleted on { $time }. Until then you can keep it: { $url }
refusal-wrong-code = This is not the right code or link. Check the newest e-mail that we sent you.
refusal-wrong-code-tries =
    { $count ->
        [0] This is not the right code, and there are no tries left. Ask for a new e-mail.
        [one] This is not the right code. You can try one more time; check the newest e-mail that we sent you.
       *[other] This is not the right code. You can try { $count } more times; check the newest e-mail that we sent you.
    }
refusal-code-expired = This code or link no longer works. Ask for a new e-mail.
refusal-code-expired-page = This code or link no longer works. Ask for a new e-mail at { $url }
refusal-address-in-use = This e-mail address belongs to another account. Give another address, or use the account that you have.
refusal-not-registered = You have no account here.
refusal-not-registered-page = You have no account here. You can register at { $url }
refusal-no-such-account = There is no such account.
refusal-not-allowed = You cannot do this yourself here. Ask the operator of this service.
refusal-insecure-channel = This connection is not encrypted. Switch encryption (TLS) on and try again.
# Clients know a failed CAPTCHA by this word: it stays in every language.
refusal-captcha-required = To register here, solve one of the CAPTCHA tasks.
refusal-captcha-required-page = To register here, solve one of the CAPTCHA tasks. If your client does not show any, register on this page: { $url }
refusal-captcha-wrong = That is not the right answer to the CAPTCHA. Here is a new one.
refusal-captcha-expired = The CAPTCHA was too old or had been used. Here is a new one.
refusal-unknown-domain = This service keeps no accounts for that address.

## In-band texts

# Clients know a weak password by exactly these words: the same in every language.
xmpp-password-too-weak = The password is too weak
xmpp-try-later = Something is out of order here. Please try again later.
xmpp-try-later-reference = Something is out of order here. Please try again later. If it stays like this, tell the operator of this service the word { $reference }.
xmpp-form-title = New account at { $domain }
xmpp-instructions = Choose a name and a password for your account at { $domain }.
xmpp-instructions-tasks = Choose a name and a password for your account at { $domain }. Then do one of the tasks at the end of the form: one right answer is enough.
xmpp-instructions-form = Fill in the form to get an account at { $domain }.
xmpp-instructions-web = To get an account at { $domain }, open { $url }
xmpp-or-page = You can also register at { $url }
xmpp-else-page = If this program shows no form, register at { $url }
xmpp-captcha-work = For programs that calculate the answer. Leave it empty.
xmpp-registered-instructions = You have an account here. You can change its password or delete it.
xmpp-password-change-incomplete = To change the password, give your name and the new password.
xmpp-password-change-title = New password
xmpp-password-change-instructions = Enter your old password and the new one.
xmpp-removal-title = Delete your account
xmpp-removal-instructions = Enter your password to delete your account and everything in it for good.

## Ad-hoc commands. $address is a whole XMPP address.

adhoc-list = What you can do here
adhoc-register = Create an account
adhoc-choose-domain = Your address will end in the domain that you choose.
adhoc-verify = Confirm an e-mail address
adhoc-code-instructions = Enter the code from the message that we sent for { $address }.
adhoc-ready = That is confirmed. You can log in as { $address } now.
page-verify-further = That is confirmed. Now enter the code of the other message.
adhoc-resend = Send the code again
adhoc-resend-instructions = Enter the username of the account that waits for its code.
adhoc-correct-email = Correct the e-mail address of a new account
adhoc-invite = Invite somebody
adhoc-create-account = Invite somebody to an account
adhoc-create-account-text = You get a link with which one person can make an account at { $domain }. With a name it is for that name only.
adhoc-roster-subscription = Become contacts of each other
adhoc-invitation-uri = Link for programs
adhoc-invitation-page = Page to send to people
adhoc-invitation-expire = Works until
adhoc-my-data = What is on file about you
adhoc-data-account = Account
adhoc-data-state = State
adhoc-data-state-word =
    { $state ->
        [active] in use
        [pending] waits for its code
        [suspended] suspended
       *[other] { $state }
    }
adhoc-data-email-verified = E-mail address confirmed
adhoc-data-phone-verified = Phone number confirmed
adhoc-data-created = Registered
adhoc-data-activated = First ready for use
adhoc-data-events = What happened
adhoc-data-event =
    { $action ->
        [registered] registered
        [activated] made ready for use
        [password-changed] password changed
        [email-corrected] e-mail address corrected
        [phone-corrected] phone number corrected
        [email-proven] e-mail address confirmed
        [phone-proven] phone number confirmed
        [verification-resent] code sent again
        [recovery-asked] code for a new password sent
        [deletion-asked] deletion asked for
        [email-change-asked] code for another e-mail address sent
        [email-changed] e-mail address changed
        [suspended] suspended
        [resumed] suspension ended
       *[other] { $action }
    }
adhoc-change-password = Change the password
adhoc-change-password-instructions = All your other programs are logged out and need the new password.
adhoc-label-password-again = New password once more
adhoc-password-differs = The two passwords are not the same. Enter the new password twice.
adhoc-password-changed = The password is changed.
adhoc-delete = Delete the account
adhoc-delete-warning = Your account and all that the server keeps for you will be gone for good. Nobody can bring it back.
adhoc-label-confirm-delete = Yes, delete { $address }
adhoc-delete-unconfirmed = Nothing was deleted. To delete the account, confirm it.
adhoc-deleted = The account { $address } is deleted.

## Flows of registration and recovery (XEP-0389): their names in a list to choose from

flow-register = A new account at { $domain }
flow-recover = A code by e-mail, for your account at { $domain }
flow-web = On a web page

## The conversation in messages. $command is the name of an ad-hoc command.

# Words that begin a message, separated by spaces. Every language understands those of all others.
chat-words-help = help ?
chat-words-register = register signup
chat-words-code = code verify
chat-words-resend = resend
chat-words-status = status
chat-words-delete = delete unregister
chat-words-password = password recover
chat-help =
    This service keeps the accounts of { $domain }. You can write:
    register – how to get an account
    code alice 123456 – confirms the e-mail address of the new account alice
    resend alice – sends the code once more
    password – what to do about a forgotten password
chat-help-owner =
    This service keeps your account. You can write:
    status – what is on file
    password – how to change the password
    delete – deletes the account, after a confirmation
    code alice 123456 – confirms the e-mail address of the new account alice
chat-register = Messages are no place for passwords: they stay in histories. Your program may know commands: choose “{ $command }” at this address.
chat-register-page = Messages are no place for passwords: they stay in histories. Create the account at { $url } or choose the command “{ $command }” at this address.
chat-which-account = For which account? Write the name between the word and the code: code alice 123456. For another e-mail: resend alice.
chat-status-stranger = You write from another service, so there is no account of yours here. Write “help” to see what you can do.
chat-delete-confirm = This ends { $address } for good, with all that the server keeps for you. If you mean it, write: delete { $address }
chat-command-only = For this your password is needed, and messages are no place for it. Choose the command “{ $command }” at this address.
chat-password = Messages are no place for passwords: they stay in histories. Choose the command “{ $command }” at this address.
chat-password-page = Messages are no place for passwords: they stay in histories. Choose the command “{ $command }” at this address, or if you have forgotten it go to { $url }
chat-encrypted = This message came encrypted, and nobody can read it here. Switch encryption off for this chat; no secrets are needed in it.
chat-unknown = I do not understand that. Write “help” to see what you can do.

## Letters. $account is the whole XMPP address, $service the name of the service.

letter-greeting = Hello,
letter-automatic = This message was sent automatically.

letter-verify-subject = Confirm your e-mail address for { $service }
letter-verify-intro = Somebody, hopefully you, has registered the account { $account } with this e-mail address.
letter-verify-code = To confirm the address, enter this code:
letter-verify-code-lifetime =
    { $minutes ->
        [one] The code works for one minute, until { $time } UTC.
       *[other] The code works for { $minutes } minutes, until { $time } UTC.
    }
letter-verify-link = Or open this page and press the button there:
letter-verify-button = Confirm the address
letter-verify-not-you = If this was not you, you need not do anything. Without the code or the link nobody can use the account with your address. Do not give the code to anybody.

letter-sms-verify = { $code } is your code for { $account }. It works for { $minutes } min. Do not give it to anybody.
letter-sms-recover = { $code } is the code for a new password for { $account }. It works for { $minutes } min. Do not give it to anybody. If you did not ask for it, ignore it.

letter-recover-subject = A new password for { $service }
letter-recover-intro = Somebody, hopefully you, wants to set a new password for your account { $account }.
letter-recover-code = To set it, enter this code where you asked for it:
letter-recover-link = Or open this page and choose the new password there:
letter-recover-button = Choose a new password
letter-recover-not-you = If this was not you, you need not do anything. Your password has not changed, and nobody can change it without the code or the link. Do not give the code to anybody.

letter-change-email-subject = Confirm your new e-mail address for { $service }
letter-change-email-intro = Somebody, hopefully you, wants the account { $account } to have this e-mail address from now on.
letter-change-email-code = To confirm it, enter this code where you asked for it:
letter-change-email-not-you = If this was not you, you need not do anything. Without the code the account keeps the address that it has. Do not give the code to anybody.

letter-email-changed-subject = The e-mail address of your account at { $service } has changed
letter-email-changed-intro = The account { $account } has another e-mail address now, and this one is no longer used for it.
letter-email-changed-new = The new address:
letter-email-changed-what-to-do = If you have changed it, there is nothing to do.
letter-email-changed-not-you = If this was not you, somebody has your password: sign in and change both at once, or ask the operator of the service.

letter-leaving-subject = Your account at { $service } will be deleted
letter-leaving-intro = Somebody, hopefully you, has asked for the account { $account } to be deleted.
letter-leaving-when = It is deleted on:
letter-leaving-what-to-do = If you want that, there is nothing to do. To keep the account, open this page before then: { $url }
letter-leaving-not-you = If this was not you, somebody has your password: keep the account and change the password at once.

letter-invitation-subject = Your way to { $service }
letter-invitation-intro = Somebody, hopefully you, wants an account at { $domain } and has given this e-mail address.
letter-invitation-link = With this invitation your address is confirmed. Open it on the device that you want to chat with:
letter-invitation-button = Open the invitation
letter-invitation-until = It makes one account, until { $time }.
letter-invitation-not-you = If this was not you, you need not do anything. Do not give the link to anybody.

letter-already-registered-subject = You already have an account at { $service }
letter-already-registered-intro = Somebody, perhaps you, has tried to register the account { $account } with this e-mail address.
letter-already-registered-intro-invitation = Somebody, perhaps you, has asked for an invitation with this e-mail address.
letter-already-registered-existing = This address already belongs to your account:
letter-already-registered-what-to-do = Each address can be used for one account only, so the new one was not confirmed. Log in to the account that you have, with the password that you chose for it.
letter-already-registered-not-you = If this was not you, you need not do anything. Your account has not changed, and whoever tried has not learned that you have one.

## Web pages. Headings have a hyphen that does not break (U+2011) in "e-mail".

page-language-name = English
page-languages = Language
page-skip = Skip to the content
page-footer = This page needs no scripts and loads nothing from elsewhere.
page-terms = Terms of use
page-privacy = Privacy
page-imprint = About this service
page-problem = Problem
page-problems = Please correct this
page-optional = optional
page-domain = Domain
page-to-start = To the start page
page-to-form = Back to the form

page-start = Your account at { $service }
page-start-title = Start
page-start-lead = XMPP is chat for everybody: many programs, many providers, one network. Here you get an account for it.
page-start-active = Your account { $address } is ready.
page-start-active-link = How to use it
page-start-pending = Your account { $address } waits for the code from our e-mail.
page-start-pending-link = Enter the code
page-start-closed = Nobody can register here at the moment. Ask the operator of this service for an account.
page-start-step-name = Choose a name
page-start-step-name-text = It becomes your address, and ends in
page-start-step-prove = Confirm your e-mail address
page-start-step-prove-text = We send you an e-mail with a code and a link.
page-start-step-chat = Chat
page-start-step-chat-text = Log in with any XMPP program, on your phone or computer.

page-register = Create an account
page-register-lead = With it you can chat with everybody who uses XMPP, whatever their provider.
page-register-submit = Create the account
page-hint-username = Letters a to z and digits; dots, hyphens and underscores inside.
page-hint-username-unicode = Letters and digits of one script; dots, hyphens and underscores inside.
page-hint-password =
    { $min ->
        [one] At least one character.
       *[other] At least { $min } characters. A few words that only you would put together are good.
    }
page-strength =
    { $score ->
        [0] Very easy to guess. A few more words make it safe.
        [1] Easy to guess. A few more words make it safe.
        [2] Could be guessed. One more word makes it safe.
        [3] Hard to guess.
       *[other] Very hard to guess.
    }
page-hint-email = We send a code there. Nobody else gets to see it.
page-hint-phone = With the country code, such as +44. We send a code there by text message. Nobody else gets to see it.
page-captcha-picture = Six distorted characters. If there is a question below, its answer does as well.
page-captcha-work = One moment: your browser is doing a calculation that keeps robots out.
page-hint-captcha = Capitals and spaces do not matter.
page-hint-captcha-one = Answer this or the other one; one is enough. Capitals and spaces do not matter.
page-link-have-code = I have a code already

page-verify = Confirm your e‑mail address
page-verify-account = Confirm your account
page-verify-lead = We have sent an e-mail to { $email }. Enter the code from it, or open the link in it, and your account { $address } is ready.
page-verify-lead-phone = We have sent a text message to { $phone }. Enter the code from it, and your account { $address } is ready.
page-verify-lead-both = We have sent an e-mail to { $email } and a text message to { $phone }. Enter one code after the other, and your account { $address } is ready.
page-verify-lead-no-email = Enter the code from the message that we sent you, and your account { $address } is ready.
page-verify-lead-unknown = Enter your username and the code from the message that we sent you.
page-verify-sent = If this account waits for its code, a new message is on its way. Codes from older ones no longer work. Look into the spam folder, too.
page-verify-submit = Confirm
page-verify-resend = Send a new code
page-label-code = Code
page-hint-code = { $digits } digits from our message.
page-link-wrong-address = The e-mail address was wrong
page-link-wrong-address-or-number = The address or the number was wrong
page-link-other-account = I have a code for another account

page-link = Confirm your e‑mail address
page-link-lead = One press of the button, and your account { $address } is ready.
page-link-submit = Confirm the address

page-address = Correct your e‑mail address
page-address-or-number = Correct your address or number
page-address-lead = Until it is confirmed, you can replace what you gave. The password is the one that you chose for your new account.
page-address-submit = Send a new code
page-label-new-email = New e-mail address
page-label-new-phone = New phone number

page-recover = A new password
page-recover-lead = If you have forgotten your password, we send a code to the e-mail address that you confirmed.
page-recover-submit = Send the code
page-recover-sent = If this account has a confirmed e-mail address, a code is on its way there. Look into the spam folder, too.
page-recover-code-lead = Enter the code from our e-mail, and choose a new password.
page-recover-link-lead = Choose a new password for { $address }.
page-recover-code-submit = Set the new password
page-recover-again = Send me another code
page-recovered = Your password is changed
page-recovered-text = Log in with the new password now. All programs that were logged in have been logged out.
page-start-recover = I have forgotten my password

page-web-form = Accounts for programs: the web form
page-web-form-lead = This resource makes an account at { $domain } from the form of a web page. A CAPTCHA stands before it; the code goes to the e-mail address, and the browser is logged in at once. It works as long as the API key that the operator has set aside for it has accounts left.
page-web-form-key = API key configured
page-web-form-limit = Account limit
page-web-form-created = Accounts created
page-web-form-deleted = Accounts deleted
page-web-form-left = Accounts left
page-web-form-captcha = CAPTCHA configured
page-web-form-open = Can be used now
page-web-form-submit = Create the account
page-yes = Yes
page-no = No

page-signin = Sign in to your account
page-signin-lead = See what is on file about you, change your password, or delete your account.
page-signin-submit = Sign in
page-account = Your account
page-account-lead = You are signed in for an hour at most.
page-account-signout = Sign out
page-account-back = Back to your account
page-account-password = Change the password
page-account-password-lead = With the new password all your programs have to log in again; other browsers are signed out.
page-account-password-submit = Change the password
page-account-password-changed = The new password works from now on.
page-account-email = Change the e‑mail address
page-account-email-lead = The new address must prove itself before it takes the place of the old one, which is told.
page-account-email-submit = Send me a code
page-account-email-sent = A code is on its way to the new address. Look into the spam folder, too.
page-account-email-confirm = Change the address
page-account-data = Download your data (JSON)
page-account-data-xml = Download your account for another server (XEP-0227)
page-account-delete = Delete the account
page-account-delete-lead = { $address } will be deleted at once, with everything that the server keeps for it: contacts, messages, files. This cannot be undone, and nobody gets the name for a while.
page-account-delete-lead-later = { $address } will be deleted on { $time }, with everything that the server keeps for it: contacts, messages, files. Until then nobody can log in, and you can take it back.
page-account-delete-submit = Delete for good
page-deleted = The account is deleted
page-deleted-text = Everything that was kept about you here goes with it.
page-leaving = The account will be deleted
page-leaving-text = This happens on { $time }. You are signed out everywhere. If you change your mind before then, keep the account with its password.
page-keep = Keep the account
page-keep-lead = You have asked for the account to be deleted. Enter its name and password, and it stays as it was.
page-keep-submit = Keep it
page-kept = The account stays
page-kept-text = Nothing of it is lost. You can log in again.

page-welcome = Welcome
page-welcome-lead = Your e-mail address is confirmed and your account is ready.
page-welcome-lead-ready = Your account is ready.
page-welcome-address = Your XMPP address
page-welcome-how = Open an XMPP program, choose to log in with an account that you have, and enter this address and your password.
page-welcome-clients = Programs to use it with
page-welcome-clients-text = These are programs of others; there are many more. You can use several at the same time.

page-invite = You are invited to { $service }
page-invite-by = { $inviter } invites you to chat.
page-invite-lead = With this invitation you get an account at { $domain }, with which you can chat with everybody who uses XMPP.
page-invite-lead-name = With this invitation you get the account { $address }, with which you can chat with everybody who uses XMPP.
page-invite-lead-proven = Your e-mail address is confirmed. Choose a name and a password now, and your account at { $domain } is ready.
page-invite-step-install = Install a chat program
page-invite-step-install-text = If you have none yet, take one from the list below. Then come back to this page.
page-invite-step-open = Open the invitation in it
page-invite-step-open-text = The program asks for a name and a password, and your account is ready. If it does not know invitations, register on this page and log in with it.
page-invite-open = Open in the program
page-invite-register = Register on this page
page-invite-clients = Programs
page-invite-qr = To go on with your phone, point its camera here.
page-invite-qr-label = QR code with the address of this page
page-invite-until = The invitation works until { $time }. Give its address only to people whom you want to invite.
page-invite-ask = An account for your chat program
page-invite-ask-lead = Some programs can register with a name and a password only. Confirm your e-mail address first: we send you an invitation to { $domain } that you open in the program, and your account is ready at once.
page-invite-ask-submit = Send me the invitation
page-invite-sent = An e-mail is on its way. Open the invitation in it on the device that you want to chat with. Look into the spam folder, too.
page-link-invite-ask = Register in a chat program instead
page-label-invitation = Invitation
page-hint-invitation = The link that you were given, or the letters and digits at its end.

page-error-not-found = There is no such page
page-error-not-found-text = The address may be mistyped, or the page is gone.
page-error-method = That does not work here
page-error-method-text = This page cannot be called in that way. Begin at the start page.
page-error-malformed = We cannot read that
page-error-malformed-text = What your browser sent is not in the form that our pages send. Begin at the start page.
page-error-too-large = That is too much
page-error-too-large-text = What was sent is larger than any of our forms.
page-error-too-slow = That took too long
page-error-too-slow-text = The form did not arrive in time. Check your connection and try again.
page-error-foreign-form = Please send the form again
page-error-foreign-form-text = We could not make sure that the form came from you, so nothing was done. Perhaps it was open for very long, or your browser does not keep cookies for this site.
page-error-busy = Too busy at the moment
page-error-busy-text = We cannot do this right now. Try again in a moment.
page-error-fault = Something is out of order
page-error-fault-text = This is our fault, not yours. Try again later. If it stays like this, tell the operator of this service the word { $reference }.
