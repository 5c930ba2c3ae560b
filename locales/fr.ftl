# Français, avec vouvoiement. Les explications des clés se trouvent dans en.ftl.
#
# Devant « ; : ! ? » et à l’intérieur des guillemets se trouve une espace fine insécable (U+202F).

## Champs du formulaire d’inscription

label-username = Nom d’utilisateur
label-password = Mot de passe
label-old-password = Ancien mot de passe
label-new-password = Nouveau mot de passe
label-email = Adresse e-mail
label-phone = Numéro de téléphone
label-captcha-picture = Caractères de l’image

## Ce qui ne va pas dans un champ

field-missing =
    { $field ->
        [username] Choisissez un nom d’utilisateur.
        [password] Choisissez un mot de passe.
        [email] Indiquez votre adresse e-mail.
        [phone] Indiquez votre numéro de téléphone.
       *[other] { $label } : veuillez remplir ce champ.
    }
field-repeated = { $label } : cette valeur a été donnée plusieurs fois, de façon différente. Donnez-la une seule fois.
field-malformed =
    { $field ->
        [email] Ce n’est pas une adresse e-mail à laquelle nous pouvons écrire. Elle doit ressembler à nom@example.org.
        [phone] Ce n’est pas un numéro de téléphone avec indicatif de pays. Il doit ressembler à +33 6 12 34 56 78.
       *[other] { $label } : cette valeur est illisible. Vérifiez comment elle est écrite.
    }
field-characters =
    { $field ->
        [username] Le nom d’utilisateur contient un caractère impossible ici. Les lettres de a à z et les chiffres conviennent toujours ; les points, les tirets et les tirets bas, seulement à l’intérieur du nom.
        [password] Le mot de passe contient un caractère que certains programmes ne savent pas envoyer. Choisissez un autre mot de passe.
       *[other] { $label } : cette valeur contient un caractère impossible ici.
    }
field-too-short =
    { $field ->
        [username] Le nom d’utilisateur est trop court. Choisissez-en un d’au moins { $min } caractères.
       *[other] { $label } : c’est trop court. Il faut au moins { $min } caractères.
    }
field-too-long =
    { $field ->
        [username] Le nom d’utilisateur est trop long. Choisissez-en un d’au plus { $max } caractères.
        [password] Le mot de passe est trop long. Choisissez-en un d’au plus { $max } caractères simples.
        [email] L’adresse e-mail est trop longue. Indiquez-en une d’au plus { $max } caractères.
       *[other] { $label } : c’est trop long. Au plus { $max } caractères sont possibles.
    }
field-reserved = Ce nom est réservé. Choisissez-en un autre.
field-too-weak = Le mot de passe est trop faible. Choisissez-en un d’au moins { $min } caractères, différent de votre nom d’utilisateur.
field-breached = Ce mot de passe figure sur une liste de mots de passe que d’autres ont perdus ; on l’essaiera en premier. Choisissez-en un autre.

## Dates

date-month =
    { $count ->
        [1] janvier
        [2] février
        [3] mars
        [4] avril
        [5] mai
        [6] juin
        [7] juillet
        [8] août
        [9] septembre
        [10] octobre
        [11] novembre
       *[12] décembre
    }
date-time =
    { $day ->
        [1] 1er { $month } { $year } à { $time } UTC
       *[other] { $day } { $month } { $year } à { $time } UTC
    }

## Refus

wait-seconds =
    { $count ->
        [one] { $count } seconde
       *[other] { $count } secondes
    }
wait-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
wait-hours =
    { $count ->
        [one] { $count } heure
       *[other] { $count } heures
    }

refusal-invalid-page = Vous pouvez aussi vous inscrire ici : { $url }
refusal-name-taken = Ce nom d’utilisateur est déjà pris. Choisissez-en un autre.
refusal-wrong-signature = La signature de ce formulaire est fausse, trop ancienne ou déjà utilisée. Demandez un nouveau formulaire, et vérifiez la clé d’API et son secret.
refusal-wrong-clock = L’heure indiquée dans la signature de ce formulaire est trop éloignée de la nôtre. Réglez l’horloge et signez à nouveau.
refusal-key-exhausted = Cette clé d’API a créé autant de comptes qu’elle en a le droit. Demandez-en davantage à l’exploitant de ce service.
refusal-key-revoked = Cette clé d’API n’est plus valable. Adressez-vous à l’exploitant de ce service.
refusal-no-such-key = Cette clé d’API n’existe pas.
refusal-no-such-branch = Cette succursale n’existe pas, ou elle a été révoquée.
refusal-wrong-branch = La succursale, son secret ou le jeton d’activation n’est pas valable.
refusal-registration-closed = Personne ne peut s’inscrire ici pour le moment. Demandez un compte à l’exploitant de ce service.
refusal-registration-closed-page = Vous ne pouvez pas vous inscrire ici dans ce programme. Comment obtenir un compte : { $url }
refusal-web-only = L’inscription se fait sur la page web de ce service, pas dans ce programme.
refusal-web-only-page = L’inscription se fait sur la page web de ce service, pas dans ce programme : { $url }
refusal-invitations-off = Les invitations sont désactivées sur ce domaine.
refusal-invitation-required = Il faut une invitation pour s’inscrire ici. Demandez-en une à quelqu’un qui a un compte ici, ou à l’exploitant de ce service.
refusal-invitation-required-page = Il faut une invitation pour s’inscrire ici. Si vous en avez une, ouvrez son lien, ou saisissez-la ici : { $url }
refusal-invitation-invalid = Cette invitation n’est pas valable, ou ne l’est plus. Demandez-en une nouvelle.
refusal-invitation-for-name = Cette invitation ne vaut que pour le nom d’utilisateur { $name }.
refusal-too-many = C’était trop souvent en peu de temps. Réessayez dans { $wait }.
refusal-busy = Ce n’est pas possible pour l’instant. Réessayez dans { $wait }.
refusal-wrong-password = Le nom d’utilisateur ou le mot de passe est incorrect.
refusal-token-invalid = Vous n’êtes pas connecté, ou ne l’êtes plus. Connectez-vous à nouveau.
refusal-proof-needed = Pour cela, saisissez votre mot de passe actuel.
refusal-account-pending = Vous devez confirmer votre adresse e-mail avant de pouvoir utiliser ce compte. Saisissez le code de l’e-mail que nous vous avons envoyé.
refusal-account-pending-page = Vous devez confirmer votre adresse e-mail avant de pouvoir utiliser ce compte. Saisissez ici le code de l’e-mail que nous vous avons envoyé : { $url }
refusal-account-suspended = Ce compte est suspendu. Adressez-vous à l’exploitant de ce service.
refusal-account-suspended-reason = Ce compte est suspendu : { $reason }
refusal-account-leaving = Vous avez demandé la suppression de ce compte, le { $time }. D’ici là, vous pouvez le garder.
refusal-account-leaving-page = Vous avez demandé la suppression de ce compte, le { $time }. D’ici là, vous pouvez le garder : { $url }
refusal-wrong-code = Ce n’est pas le bon code ni le bon lien. Regardez dans le dernier e-mail que nous vous avons envoyé.
refusal-wrong-code-tries =
    { $count ->
        [0] Ce n’est pas le bon code, et il ne reste plus d’essai. Demandez un nouvel e-mail.
        [one] Ce n’est pas le bon code. Il vous reste un essai ; regardez dans le dernier e-mail que nous vous avons envoyé.
       *[other] Ce n’est pas le bon code. Il vous reste { $count } essais ; regardez dans le dernier e-mail que nous vous avons envoyé.
    }
refusal-code-expired = Ce code ou ce lien n’est plus valable. Demandez un nouvel e-mail.
refusal-code-expired-page = Ce code ou ce lien n’est plus valable. Demandez ici un nouvel e-mail : { $url }
refusal-address-in-use = Cette adresse e-mail appartient à un autre compte. Indiquez une autre adresse, ou utilisez le compte que vous avez.
refusal-not-registered = Vous n’avez pas de compte ici.
refusal-not-registered-page = Vous n’avez pas de compte ici. Vous pouvez vous inscrire à cette adresse : { $url }
refusal-no-such-account = Ce compte n’existe pas.
refusal-not-allowed = Vous ne pouvez pas faire cela vous-même ici. Adressez-vous à l’exploitant de ce service.
refusal-insecure-channel = Cette connexion n’est pas chiffrée. Activez le chiffrement (TLS) et réessayez.
refusal-captcha-required = Pour vous inscrire ici, résolvez l’un des exercices CAPTCHA.
refusal-captcha-required-page = Pour vous inscrire ici, résolvez l’un des exercices CAPTCHA. Si votre programme n’en affiche aucun, inscrivez-vous sur cette page : { $url }
refusal-captcha-wrong = Ce n’est pas la bonne réponse au CAPTCHA. En voici un nouveau.
refusal-captcha-expired = Le CAPTCHA était trop ancien ou déjà utilisé. En voici un nouveau.
refusal-unknown-domain = Ce service ne tient pas de comptes pour cette adresse.

## Textes dans le programme de messagerie

# Les programmes reconnaissent un mot de passe faible à ces mots exacts : les mêmes dans toutes les langues.
xmpp-password-too-weak = The password is too weak
xmpp-try-later = Quelque chose ne fonctionne pas ici. Veuillez réessayer plus tard.
xmpp-try-later-reference = Quelque chose ne fonctionne pas ici. Veuillez réessayer plus tard. Si cela continue, indiquez à l’exploitant de ce service le mot { $reference }.
xmpp-form-title = Nouveau compte sur { $domain }
xmpp-instructions = Choisissez un nom et un mot de passe pour votre compte sur { $domain }.
xmpp-instructions-tasks = Choisissez un nom et un mot de passe pour votre compte sur { $domain }. Faites ensuite l’un des exercices à la fin du formulaire : une bonne réponse suffit.
xmpp-instructions-form = Remplissez le formulaire pour obtenir un compte sur { $domain }.
xmpp-instructions-web = Pour obtenir un compte sur { $domain }, ouvrez { $url }
xmpp-or-page = Vous pouvez aussi vous inscrire ici : { $url }
xmpp-else-page = Si ce programme n’affiche pas de formulaire, inscrivez-vous ici : { $url }
xmpp-captcha-work = Pour les programmes qui calculent la réponse. Laissez ce champ vide.
xmpp-registered-instructions = Vous avez un compte ici. Vous pouvez changer son mot de passe ou le supprimer.
xmpp-password-change-incomplete = Pour changer le mot de passe, indiquez votre nom et le nouveau mot de passe.
xmpp-password-change-title = Nouveau mot de passe
xmpp-password-change-instructions = Saisissez votre ancien mot de passe et le nouveau.
xmpp-removal-title = Supprimer votre compte
xmpp-removal-instructions = Saisissez votre mot de passe pour supprimer définitivement votre compte et tout ce qu’il contient.

## Commandes. $address est une adresse XMPP entière.

adhoc-list = Ce que vous pouvez faire ici
adhoc-register = Créer un compte
adhoc-choose-domain = Votre adresse se terminera par le domaine que vous choisissez.
adhoc-verify = Confirmer une adresse e-mail
adhoc-code-instructions = Saisissez le code du message que nous avons envoyé pour { $address }.
adhoc-ready = C’est confirmé. Vous pouvez maintenant vous connecter en tant que { $address }.
page-verify-further = C’est confirmé. Saisissez maintenant le code de l’autre message.
adhoc-resend = Envoyer le code à nouveau
adhoc-resend-instructions = Saisissez le nom d’utilisateur du compte qui attend son code.
adhoc-correct-email = Corriger l’adresse e-mail d’un nouveau compte
adhoc-invite = Inviter quelqu’un
adhoc-create-account = Inviter quelqu’un à créer un compte
adhoc-create-account-text = Vous obtenez un lien avec lequel une personne peut créer un compte sur { $domain }. Avec un nom, il ne vaut que pour ce nom.
adhoc-roster-subscription = Devenir contacts l’un de l’autre
adhoc-invitation-uri = Lien pour les programmes
adhoc-invitation-page = Page à envoyer aux personnes
adhoc-invitation-expire = Valable jusqu’au
adhoc-my-data = Ce qui est enregistré à votre sujet
adhoc-data-account = Compte
adhoc-data-state = État
adhoc-data-state-word =
    { $state ->
        [active] utilisé
        [pending] en attente de son code
        [suspended] suspendu
       *[other] { $state }
    }
adhoc-data-email-verified = Adresse e-mail confirmée
adhoc-data-phone-verified = Numéro de téléphone confirmé
adhoc-data-created = Inscription
adhoc-data-activated = Première mise en service
adhoc-data-events = Ce qui s’est passé
adhoc-data-event =
    { $action ->
        [registered] inscription
        [activated] mise en service
        [password-changed] mot de passe changé
        [deletion-asked] suppression demandée
        [email-change-asked] code pour une autre adresse e-mail envoyé
        [email-changed] adresse e-mail changée
        [email-corrected] adresse e-mail corrigée
        [phone-corrected] numéro de téléphone corrigé
        [email-proven] adresse e-mail confirmée
        [phone-proven] numéro de téléphone confirmé
        [verification-resent] code envoyé à nouveau
        [suspended] suspension
        [resumed] fin de la suspension
       *[other] { $action }
    }
adhoc-change-password = Changer le mot de passe
adhoc-change-password-instructions = Tous vos autres programmes seront déconnectés et auront besoin du nouveau mot de passe.
adhoc-label-password-again = Nouveau mot de passe, une seconde fois
adhoc-password-differs = Les deux mots de passe ne sont pas identiques. Saisissez deux fois le nouveau mot de passe.
adhoc-password-changed = Le mot de passe est changé.
adhoc-delete = Supprimer le compte
adhoc-delete-warning = Votre compte et tout ce que le serveur conserve pour vous disparaîtront définitivement. Personne ne pourra les rétablir.
adhoc-label-confirm-delete = Oui, supprimer { $address }
adhoc-delete-unconfirmed = Rien n’a été supprimé. Pour supprimer le compte, confirmez-le.
adhoc-deleted = Le compte { $address } est supprimé.
flow-register = Un nouveau compte sur { $domain }
flow-recover = Un code par e-mail, pour votre compte sur { $domain }
flow-web = Sur une page web
chat-words-help = aide ?
chat-words-register = inscription inscrire
chat-words-code = code confirmer vérifier
chat-words-resend = renvoyer encore
chat-words-status = état statut
chat-words-delete = supprimer effacer
chat-words-password = mdp motdepasse
chat-help =
    Ce service tient les comptes de { $domain }. Vous pouvez écrire :
    inscription – comment obtenir un compte
    code alice 123456 – confirme l’adresse e-mail du nouveau compte alice
    renvoyer alice – envoie le code encore une fois
    mdp – que faire si vous avez oublié le mot de passe
chat-help-owner =
    Ce service tient votre compte. Vous pouvez écrire :
    statut – ce qui est enregistré
    mdp – comment changer le mot de passe
    supprimer – supprime le compte, après une confirmation
    code alice 123456 – confirme l’adresse e-mail du nouveau compte alice
chat-register = Les messages ne sont pas un endroit pour les mots de passe : ils restent dans les historiques. Votre programme connaît peut-être les commandes : choisissez « { $command } » à cette adresse.
chat-register-page = Les messages ne sont pas un endroit pour les mots de passe : ils restent dans les historiques. Créez le compte sur { $url } ou choisissez la commande « { $command } » à cette adresse.
chat-which-account = Pour quel compte ? Écrivez le nom entre le mot et le code : code alice 123456. Pour un autre e-mail : renvoyer alice.
chat-status-stranger = Vous écrivez depuis un autre service, donc vous n’avez pas de compte ici. Écrivez « aide » pour voir ce que vous pouvez faire.
chat-delete-confirm = Cela supprime définitivement { $address }, avec tout ce que le serveur conserve pour vous. Si c’est ce que vous voulez, écrivez : supprimer { $address }
chat-command-only = Il faut pour cela votre mot de passe, et les messages ne sont pas un endroit pour lui. Choisissez la commande « { $command } » à cette adresse.
chat-password = Les messages ne sont pas un endroit pour les mots de passe : ils restent dans les historiques. Choisissez la commande « { $command } » à cette adresse.
chat-password-page = Les messages ne sont pas un endroit pour les mots de passe : ils restent dans les historiques. Choisissez la commande « { $command } » à cette adresse, ou, si vous l’avez oublié, allez sur { $url }
chat-encrypted = Ce message est arrivé chiffré, et personne ne peut le lire ici. Désactivez le chiffrement pour cette discussion ; aucun secret n’y est nécessaire.
chat-unknown = Je ne comprends pas. Écrivez « aide » pour voir ce que vous pouvez faire.

## Courriers

letter-greeting = Bonjour,
letter-automatic = Ce message a été envoyé automatiquement.

letter-verify-subject = Confirmez votre adresse e-mail pour { $service }
letter-verify-intro = Quelqu’un, vous-même nous l’espérons, a créé le compte { $account } avec cette adresse e-mail.
letter-verify-code = Pour confirmer l’adresse, saisissez ce code :
letter-verify-code-lifetime =
    { $minutes ->
        [one] Le code est valable une minute, jusqu’à { $time } UTC.
       *[other] Le code est valable { $minutes } minutes, jusqu’à { $time } UTC.
    }
letter-verify-link = Ou ouvrez cette page et appuyez sur le bouton qui s’y trouve :
letter-verify-button = Confirmer l’adresse
letter-verify-not-you = Si ce n’était pas vous, vous n’avez rien à faire. Sans le code ou le lien, personne ne peut utiliser le compte avec votre adresse. Ne donnez le code à personne.

letter-sms-verify = { $code } est votre code pour { $account }. Valable { $minutes } min. Ne le donnez à personne.
letter-sms-recover = { $code } est le code pour un nouveau mot de passe de { $account }. Valable { $minutes } min. Ne le donnez à personne. Si vous ne l’avez pas demandé, oubliez-le.
letter-recover-subject = Un nouveau mot de passe pour { $service }
letter-recover-intro = Quelqu’un, vous-même nous l’espérons, veut définir un nouveau mot de passe pour votre compte { $account }.
letter-recover-code = Pour le définir, saisissez ce code à l’endroit où vous l’avez demandé :
letter-recover-link = Ou ouvrez cette page et choisissez-y le nouveau mot de passe :
letter-recover-button = Choisir un nouveau mot de passe
letter-recover-not-you = Si ce n’était pas vous, vous n’avez rien à faire. Votre mot de passe n’a pas changé, et personne ne peut le changer sans le code ou le lien. Ne donnez le code à personne.
letter-change-email-subject = Confirmez votre nouvelle adresse e-mail pour { $service }
letter-change-email-intro = Quelqu’un, vous sans doute, veut que le compte { $account } ait désormais cette adresse e-mail.
letter-change-email-code = Pour la confirmer, saisissez ce code là où vous l’avez demandé :
letter-change-email-not-you = Si ce n’était pas vous, vous n’avez rien à faire. Sans le code, le compte garde son adresse. Ne donnez le code à personne.

letter-email-changed-subject = L’adresse e-mail de votre compte { $service } a changé
letter-email-changed-intro = Le compte { $account } a maintenant une autre adresse e-mail, et celle-ci ne sert plus.
letter-email-changed-new = La nouvelle adresse :
letter-email-changed-what-to-do = Si vous l’avez changée, il n’y a rien à faire.
letter-email-changed-not-you = Si ce n’était pas vous, quelqu’un a votre mot de passe : connectez-vous et changez aussitôt les deux, ou adressez-vous à l’exploitant du service.

letter-leaving-subject = Votre compte { $service } sera supprimé
letter-leaving-intro = Quelqu’un, vous-même nous l’espérons, a demandé la suppression du compte { $account }.
letter-leaving-when = Il sera supprimé le :
letter-leaving-what-to-do = Si c’est ce que vous voulez, il n’y a rien à faire. Pour garder le compte, ouvrez cette page avant : { $url }
letter-leaving-not-you = Si ce n’était pas vous, quelqu’un a votre mot de passe : gardez le compte et changez aussitôt le mot de passe.

letter-invitation-subject = Votre accès à { $service }
letter-invitation-intro = Quelqu’un, vous-même nous l’espérons, souhaite un compte sur { $domain } et a donné cette adresse e-mail.
letter-invitation-link = Avec cette invitation, votre adresse est confirmée. Ouvrez-la sur l’appareil avec lequel vous voulez discuter :
letter-invitation-button = Ouvrir l’invitation
letter-invitation-until = Elle permet de créer un seul compte, jusqu’au { $time }.
letter-invitation-not-you = Si ce n’était pas vous, vous n’avez rien à faire. Ne donnez le lien à personne.

letter-already-registered-subject = Vous avez déjà un compte chez { $service }
letter-already-registered-intro = Quelqu’un, peut-être vous-même, a essayé de créer le compte { $account } avec cette adresse e-mail.
letter-already-registered-intro-invitation = Quelqu’un, peut-être vous-même, a demandé une invitation avec cette adresse e-mail.
letter-already-registered-existing = Cette adresse appartient déjà à votre compte :
letter-already-registered-what-to-do = Chaque adresse ne peut servir qu’à un seul compte, c’est pourquoi le nouveau n’a pas été confirmé. Connectez-vous au compte que vous avez, avec le mot de passe que vous avez choisi pour lui.
letter-already-registered-not-you = Si ce n’était pas vous, vous n’avez rien à faire. Votre compte n’a pas changé, et la personne qui a essayé n’a pas appris que vous en avez un.

## Pages web. Dans les titres, « e‑mail » a un trait d’union insécable (U+2011).

page-language-name = Français
page-languages = Langue
page-skip = Aller au contenu
page-footer = Cette page n’a besoin d’aucun script et ne charge rien d’ailleurs.
page-terms = Conditions d’utilisation
page-privacy = Confidentialité
page-imprint = Mentions légales
page-problem = Problème
page-problems = À corriger
page-optional = facultatif
page-domain = Domaine
page-to-start = Vers la page d’accueil
page-to-form = Retour au formulaire

page-start = Votre compte chez { $service }
page-start-title = Accueil
page-start-lead = XMPP, c’est la messagerie pour tout le monde : beaucoup de programmes, beaucoup de fournisseurs, un seul réseau. Ici, vous obtenez un compte.
page-start-active = Votre compte { $address } est prêt.
page-start-active-link = Comment l’utiliser
page-start-pending = Votre compte { $address } attend le code de notre e-mail.
page-start-pending-link = Saisir le code
page-start-closed = Personne ne peut s’inscrire ici pour le moment. Demandez un compte à l’exploitant de ce service.
page-start-step-name = Choisissez un nom
page-start-step-name-text = Il devient votre adresse, qui se termine par
page-start-step-prove = Confirmez votre adresse e‑mail
page-start-step-prove-text = Nous vous envoyons un e-mail avec un code et un lien.
page-start-step-chat = Discutez
page-start-step-chat-text = Connectez-vous avec n’importe quel programme XMPP, sur votre téléphone ou votre ordinateur.

page-register = Créer un compte
page-register-lead = Il vous permet de discuter avec toutes les personnes qui utilisent XMPP, quel que soit leur fournisseur.
page-register-submit = Créer le compte
page-hint-username = Lettres de a à z et chiffres ; points, tirets et tirets bas à l’intérieur.
page-hint-username-unicode = Lettres et chiffres d’une même écriture ; points, tirets et tirets bas à l’intérieur.
page-hint-password =
    { $min ->
        [one] Au moins un caractère.
       *[other] Au moins { $min } caractères. Quelques mots que vous seul réuniriez conviennent bien.
    }
page-strength =
    { $score ->
        [0] Très facile à deviner. Quelques mots de plus le rendront sûr.
        [1] Facile à deviner. Quelques mots de plus le rendront sûr.
        [2] Pourrait être deviné. Un mot de plus le rendra sûr.
        [3] Difficile à deviner.
       *[other] Très difficile à deviner.
    }
page-hint-email = Nous y envoyons un code. Personne d’autre ne la voit.
page-hint-phone = Avec l’indicatif du pays, par exemple +33. Nous y envoyons un code par SMS. Personne d’autre ne le voit.
page-captcha-picture = Six caractères déformés. S’il y a une question en dessous, sa réponse suffit.
page-captcha-work = Un instant : votre navigateur fait un calcul qui tient les robots à distance.
page-hint-captcha = Majuscules et espaces n’ont pas d’importance.
page-hint-captcha-one = Répondez à ceci ou à l’autre ; une seule réponse suffit. Majuscules et espaces n’ont pas d’importance.
page-link-have-code = J’ai déjà un code

page-verify = Confirmez votre adresse e‑mail
page-verify-account = Confirmez votre compte
page-verify-lead = Nous avons envoyé un e-mail à { $email }. Saisissez le code qu’il contient, ou ouvrez son lien, et votre compte { $address } sera prêt.
page-verify-lead-phone = Nous avons envoyé un SMS au { $phone }. Saisissez le code qu’il contient, et votre compte { $address } sera prêt.
page-verify-lead-both = Nous avons envoyé un e-mail à { $email } et un SMS au { $phone }. Saisissez les deux codes l’un après l’autre, et votre compte { $address } sera prêt.
page-verify-lead-no-email = Saisissez le code du message que nous vous avons envoyé, et votre compte { $address } sera prêt.
page-verify-lead-unknown = Saisissez votre nom d’utilisateur et le code du message que nous vous avons envoyé.
page-verify-sent = Si ce compte attend son code, un nouveau message est en route. Les codes des précédents ne sont plus valables. Regardez aussi dans les courriers indésirables.
page-verify-submit = Confirmer
page-verify-resend = Envoyer un nouveau code
page-label-code = Code
page-hint-code = { $digits } chiffres, dans notre message.
page-link-wrong-address = L’adresse e-mail était fausse
page-link-wrong-address-or-number = L’adresse ou le numéro était faux
page-link-other-account = J’ai un code pour un autre compte

page-link = Confirmez votre adresse e‑mail
page-link-lead = Appuyez sur le bouton, et votre compte { $address } est prêt.
page-link-submit = Confirmer l’adresse

page-address = Corrigez votre adresse e‑mail
page-address-or-number = Corrigez votre adresse ou votre numéro
page-address-lead = Tant que ce n’est pas confirmé, vous pouvez remplacer ce que vous avez indiqué. Le mot de passe est celui que vous avez choisi pour votre nouveau compte.
page-address-submit = Envoyer un nouveau code
page-label-new-email = Nouvelle adresse e-mail
page-label-new-phone = Nouveau numéro de téléphone
page-recover = Un nouveau mot de passe
page-recover-lead = Si vous avez oublié votre mot de passe, nous envoyons un code à l’adresse e-mail que vous avez confirmée.
page-recover-submit = Envoyer le code
page-recover-sent = Si ce compte a une adresse e-mail confirmée, un code est en route vers elle. Regardez aussi dans les courriers indésirables.
page-recover-code-lead = Saisissez le code de notre e-mail, et choisissez un nouveau mot de passe.
page-recover-link-lead = Choisissez un nouveau mot de passe pour { $address }.
page-recover-code-submit = Définir le nouveau mot de passe
page-recover-again = M’envoyer un autre code
page-recovered = Votre mot de passe est changé
page-recovered-text = Connectez-vous maintenant avec le nouveau mot de passe. Tous les programmes connectés ont été déconnectés.
page-start-recover = J’ai oublié mon mot de passe

page-web-form = Comptes pour les programmes : le formulaire web
page-web-form-lead = Cette ressource crée un compte sur { $domain } à partir du formulaire d’une page web. Un CAPTCHA le précède ; le code est envoyé à l’adresse e-mail et le navigateur est connecté aussitôt. Cela fonctionne tant qu’il reste des comptes à la clé d’API que l’exploitant lui a réservée.
page-web-form-key = Clé d’API configurée
page-web-form-limit = Nombre maximal de comptes
page-web-form-created = Comptes créés
page-web-form-deleted = Comptes supprimés
page-web-form-left = Comptes restants
page-web-form-captcha = CAPTCHA configuré
page-web-form-open = Utilisable maintenant
page-web-form-submit = Créer le compte
page-yes = Oui
page-no = Non

page-signin = Se connecter à votre compte
page-signin-lead = Consultez ce qui est enregistré à votre sujet, changez de mot de passe ou supprimez votre compte.
page-signin-submit = Se connecter
page-account = Votre compte
page-account-lead = Vous restez connecté une heure au plus.
page-account-signout = Se déconnecter
page-account-back = Retour à votre compte
page-account-password = Changer le mot de passe
page-account-password-lead = Avec le nouveau mot de passe, tous vos programmes devront se reconnecter ; les autres navigateurs seront déconnectés.
page-account-password-submit = Changer le mot de passe
page-account-password-changed = Le nouveau mot de passe est valable dès maintenant.
page-account-email = Changer l’adresse e‑mail
page-account-email-lead = La nouvelle adresse doit être confirmée avant de remplacer l’ancienne, qui en est avertie.
page-account-email-submit = Envoyez-moi un code
page-account-email-sent = Un code est en route vers la nouvelle adresse. Regardez aussi dans les indésirables.
page-account-email-confirm = Changer l’adresse
page-account-data = Télécharger vos données (JSON)
page-account-data-xml = Télécharger votre compte pour un autre serveur (XEP-0227)
page-account-delete = Supprimer le compte
page-account-delete-lead = { $address } sera supprimé aussitôt, avec tout ce que le serveur conserve pour lui : contacts, messages, fichiers. C’est irréversible, et personne n’obtiendra ce nom pendant un certain temps.
page-account-delete-lead-later = { $address } sera supprimé le { $time }, avec tout ce que le serveur conserve pour lui : contacts, messages, fichiers. D’ici là, personne ne peut se connecter, et vous pouvez revenir sur votre décision.
page-account-delete-submit = Supprimer définitivement
page-deleted = Le compte est supprimé
page-deleted-text = Tout ce qui était enregistré ici à votre sujet disparaît avec lui.
page-leaving = Le compte sera supprimé
page-leaving-text = Ce sera le { $time }. Vos sessions sont fermées partout. Si vous changez d’avis avant, gardez le compte avec son mot de passe.
page-keep = Garder le compte
page-keep-lead = Vous avez demandé la suppression du compte. Saisissez son nom et son mot de passe, et il restera tel qu’il était.
page-keep-submit = Le garder
page-kept = Le compte reste
page-kept-text = Rien n’est perdu. Vous pouvez vous reconnecter.

page-welcome = Bienvenue
page-welcome-lead = Votre adresse e-mail est confirmée et votre compte est prêt.
page-welcome-lead-ready = Votre compte est prêt.
page-welcome-address = Votre adresse XMPP
page-welcome-how = Ouvrez un programme XMPP, choisissez de vous connecter avec un compte existant, et saisissez cette adresse et votre mot de passe.
page-welcome-clients = Programmes pour l’utiliser
page-welcome-clients-text = Ces programmes sont faits par d’autres ; il y en a bien davantage. Vous pouvez en utiliser plusieurs à la fois.
page-invite = Vous êtes invité chez { $service }
page-invite-by = { $inviter } vous invite à discuter.
page-invite-lead = Avec cette invitation, vous obtenez un compte sur { $domain }, qui vous permet de discuter avec toutes les personnes qui utilisent XMPP.
page-invite-lead-name = Avec cette invitation, vous obtenez le compte { $address }, qui vous permet de discuter avec toutes les personnes qui utilisent XMPP.
page-invite-lead-proven = Votre adresse e-mail est confirmée. Choisissez maintenant un nom et un mot de passe, et votre compte sur { $domain } sera prêt.
page-invite-step-install = Installez un programme de messagerie
page-invite-step-install-text = Si vous n’en avez pas encore, prenez-en un dans la liste ci-dessous. Revenez ensuite sur cette page.
page-invite-step-open = Ouvrez-y l’invitation
page-invite-step-open-text = Le programme demande un nom et un mot de passe, et votre compte est prêt. S’il ne connaît pas les invitations, inscrivez-vous sur cette page, puis connectez-vous dans le programme.
page-invite-open = Ouvrir dans le programme
page-invite-register = S’inscrire sur cette page
page-invite-clients = Programmes
page-invite-qr = Pour continuer sur votre téléphone, dirigez son appareil photo vers cette image.
page-invite-qr-label = Code QR avec l’adresse de cette page
page-invite-until = L’invitation est valable jusqu’au { $time }. Ne donnez son adresse qu’aux personnes que vous voulez inviter.
page-invite-ask = Un compte pour votre programme de messagerie
page-invite-ask-lead = Certains programmes ne savent s’inscrire qu’avec un nom et un mot de passe. Confirmez d’abord votre adresse e-mail : nous vous envoyons une invitation pour { $domain } que vous ouvrez dans le programme, et votre compte est prêt aussitôt.
page-invite-ask-submit = M’envoyer l’invitation
page-invite-sent = Un e-mail est en route. Ouvrez l’invitation qu’il contient sur l’appareil avec lequel vous voulez discuter. Regardez aussi dans les courriers indésirables.
page-link-invite-ask = S’inscrire plutôt dans un programme de messagerie
page-label-invitation = Invitation
page-hint-invitation = Le lien que vous avez reçu, ou les lettres et les chiffres à sa fin.

page-error-not-found = Cette page n’existe pas
page-error-not-found-text = L’adresse est peut-être mal écrite, ou la page a disparu.
page-error-method = Cela ne fonctionne pas ici
page-error-method-text = Cette page ne peut pas être appelée ainsi. Commencez par la page d’accueil.
page-error-malformed = C’est illisible
page-error-malformed-text = Ce que votre navigateur a envoyé n’a pas la forme de ce que nos pages envoient. Commencez par la page d’accueil.
page-error-too-large = C’est trop
page-error-too-large-text = Ce qui a été envoyé est plus grand que tous nos formulaires.
page-error-too-slow = Cela a pris trop de temps
page-error-too-slow-text = Le formulaire n’est pas arrivé à temps. Vérifiez votre connexion et réessayez.
page-error-foreign-form = Veuillez renvoyer le formulaire
page-error-foreign-form-text = Nous n’avons pas pu nous assurer que le formulaire venait de vous, donc rien n’a été fait. Il était peut-être ouvert depuis très longtemps, ou votre navigateur ne garde pas les cookies de ce site.
page-error-busy = Trop de demandes en ce moment
page-error-busy-text = Ce n’est pas possible pour l’instant. Réessayez dans un moment.
page-error-fault = Quelque chose ne fonctionne pas
page-error-fault-text = C’est notre faute, pas la vôtre. Réessayez plus tard. Si cela continue, indiquez à l’exploitant de ce service le mot { $reference }.
