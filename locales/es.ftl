# Español, con tuteo. Las explicaciones de las claves están en en.ftl.

## Campos del formulario de registro

label-username = Nombre de usuario
label-password = Contraseña
label-old-password = Contraseña anterior
label-new-password = Contraseña nueva
label-email = Correo electrónico
label-phone = Número de teléfono
label-captcha-picture = Caracteres de la imagen

## Qué falla en un campo

field-missing =
    { $field ->
        [username] Elige un nombre de usuario.
        [password] Elige una contraseña.
        [email] Indica tu dirección de correo electrónico.
        [phone] Indica tu número de teléfono.
       *[other] { $label }: rellena este campo.
    }
field-repeated = { $label }: este valor se ha indicado varias veces de forma distinta. Indícalo una sola vez.
field-malformed =
    { $field ->
        [email] Esta no es una dirección de correo a la que podamos escribir. Debe parecerse a nombre@example.org.
        [phone] Este no es un número de teléfono con prefijo internacional. Debe parecerse a +34 612 345 678.
       *[other] { $label }: no podemos leer este valor. Comprueba cómo está escrito.
    }
field-characters =
    { $field ->
        [username] El nombre de usuario contiene un carácter que aquí no se puede usar. Las letras de la a a la z y las cifras valen siempre; los puntos, guiones y guiones bajos, solo dentro del nombre.
        [password] La contraseña contiene un carácter que no todos los programas pueden enviar. Elige otra contraseña.
       *[other] { $label }: contiene un carácter que aquí no se puede usar.
    }
field-too-short =
    { $field ->
        [username] El nombre de usuario es demasiado corto. Elige uno de al menos { $min } caracteres.
       *[other] { $label }: es demasiado corto. Hacen falta al menos { $min } caracteres.
    }
field-too-long =
    { $field ->
        [username] El nombre de usuario es demasiado largo. Elige uno de { $max } caracteres como máximo.
        [password] La contraseña es demasiado larga. Elige una de { $max } caracteres sencillos como máximo.
        [email] La dirección de correo es demasiado larga. Indica una de { $max } caracteres como máximo.
       *[other] { $label }: es demasiado largo. Caben { $max } caracteres como máximo.
    }
field-reserved = Este nombre está reservado. Elige otro.
field-too-weak = La contraseña es demasiado débil. Elige una de al menos { $min } caracteres que no sea tu nombre de usuario.
field-breached = Esta contraseña está en una lista de contraseñas que otros han perdido; quien intente adivinar empezará por ella. Elige otra.

## Fechas

date-month =
    { $count ->
        [1] enero
        [2] febrero
        [3] marzo
        [4] abril
        [5] mayo
        [6] junio
        [7] julio
        [8] agosto
        [9] septiembre
        [10] octubre
        [11] noviembre
       *[12] diciembre
    }
date-time = { $day } de { $month } de { $year }, { $time } UTC

## Rechazos

wait-seconds =
    { $count ->
        [one] un segundo
       *[other] { $count } segundos
    }
wait-minutes =
    { $count ->
        [one] un minuto
       *[other] { $count } minutos
    }
wait-hours =
    { $count ->
        [one] una hora
       *[other] { $count } horas
    }

refusal-invalid-page = También puedes registrarte aquí: { $url }
refusal-name-taken = Este nombre de usuario ya está ocupado. Elige otro.
refusal-wrong-signature = La firma de este formulario es incorrecta, demasiado antigua o ya se ha usado. Pide un formulario nuevo y comprueba la clave de API y su secreto.
refusal-wrong-clock = La hora que lleva la firma de este formulario se aparta demasiado de la nuestra. Pon el reloj en hora y firma de nuevo.
refusal-key-exhausted = Esta clave de API ya ha creado todas las cuentas que puede crear. Pide más al operador de este servicio.
refusal-key-revoked = Esta clave de API ya no es válida. Dirígete al operador de este servicio.
refusal-no-such-key = Esta clave de API no existe.
refusal-no-such-branch = Esta sucursal no existe, o ha sido revocada.
refusal-wrong-branch = La sucursal, su secreto o el token de activación no es válido.
refusal-registration-closed = Por ahora nadie puede registrarse aquí. Pide una cuenta al operador de este servicio.
refusal-registration-closed-page = Aquí no puedes registrarte con este programa. Cómo conseguir una cuenta se explica en { $url }
refusal-web-only = En este servicio el registro se hace en la página web, no en este programa.
refusal-web-only-page = En este servicio el registro se hace en la página web, no en este programa: { $url }
refusal-invitations-off = Las invitaciones están desactivadas en este dominio.
refusal-invitation-required = Para registrarte aquí necesitas una invitación. Pídesela a alguien que tenga una cuenta aquí o al operador de este servicio.
refusal-invitation-required-page = Para registrarte aquí necesitas una invitación. Si tienes una, abre su enlace o escríbela aquí: { $url }
refusal-invitation-invalid = Esta invitación no vale, o ya no vale. Pide una nueva.
refusal-invitation-for-name = Esta invitación solo vale para el nombre de usuario { $name }.
refusal-too-many = Han sido demasiadas veces en poco tiempo. Vuelve a intentarlo dentro de { $wait }.
refusal-busy = Ahora mismo no es posible. Vuelve a intentarlo dentro de { $wait }.
refusal-wrong-password = El nombre de usuario o la contraseña no es correcto.
refusal-token-invalid = No has iniciado sesión o tu sesión ha terminado. Vuelve a iniciar sesión.
refusal-proof-needed = Para hacer esto, escribe tu contraseña actual.
refusal-account-pending = Antes de poder usar esta cuenta tienes que confirmar tu dirección de correo. Escribe el código del mensaje que te hemos enviado.
refusal-account-pending-page = Antes de poder usar esta cuenta tienes que confirmar tu dirección de correo. Escribe el código del mensaje que te hemos enviado aquí: { $url }
refusal-account-suspended = Esta cuenta está suspendida. Dirígete al operador de este servicio.
refusal-account-suspended-reason = Esta cuenta está suspendida: { $reason }
refusal-account-leaving = Pediste que esta cuenta se eliminara: el { $time }. Hasta entonces puedes conservarla.
refusal-account-leaving-page = Pediste que esta cuenta se eliminara: el { $time }. Hasta entonces puedes conservarla: { $url }
refusal-wrong-code = Este no es el código ni el enlace correcto. Mira en el último mensaje que te hemos enviado.
refusal-wrong-code-tries =
    { $count ->
        [0] Este no es el código correcto y ya no quedan intentos. Pide un mensaje nuevo.
        [one] Este no es el código correcto. Te queda un intento; mira en el último mensaje que te hemos enviado.
       *[other] Este no es el código correcto. Te quedan { $count } intentos; mira en el último mensaje que te hemos enviado.
    }
refusal-code-expired = Este código o enlace ya no vale. Pide un mensaje nuevo.
refusal-code-expired-page = Este código o enlace ya no vale. Pide un mensaje nuevo aquí: { $url }
refusal-address-in-use = Esta dirección de correo pertenece a otra cuenta. Indica otra dirección o usa la cuenta que tienes.
refusal-not-registered = No tienes ninguna cuenta aquí.
refusal-not-registered-page = No tienes ninguna cuenta aquí. Puedes registrarte en { $url }
refusal-no-such-account = Esta cuenta no existe.
refusal-not-allowed = Esto no puedes hacerlo tú mismo aquí. Dirígete al operador de este servicio.
refusal-insecure-channel = Esta conexión no está cifrada. Activa el cifrado (TLS) y vuelve a intentarlo.
refusal-captcha-required = Para registrarte aquí, resuelve una de las tareas CAPTCHA.
refusal-captcha-required-page = Para registrarte aquí, resuelve una de las tareas CAPTCHA. Si tu programa no muestra ninguna, regístrate en esta página: { $url }
refusal-captcha-wrong = Esta no es la respuesta correcta al CAPTCHA. Aquí tienes uno nuevo.
refusal-captcha-expired = El CAPTCHA era demasiado antiguo o ya se había usado. Aquí tienes uno nuevo.
refusal-unknown-domain = Este servicio no lleva cuentas para esa dirección.

## Textos en el programa de chat

# Los programas reconocen una contraseña débil por estas palabras exactas: las mismas en todos los idiomas.
xmpp-password-too-weak = The password is too weak
xmpp-try-later = Aquí hay algo que no funciona. Vuelve a intentarlo más tarde.
xmpp-try-later-reference = Aquí hay algo que no funciona. Vuelve a intentarlo más tarde. Si sigue igual, dile al operador de este servicio la palabra { $reference }.
xmpp-form-title = Cuenta nueva en { $domain }
xmpp-instructions = Elige un nombre y una contraseña para tu cuenta en { $domain }.
xmpp-instructions-tasks = Elige un nombre y una contraseña para tu cuenta en { $domain }. Después haz una de las tareas al final del formulario: basta con una respuesta correcta.
xmpp-instructions-form = Rellena el formulario para conseguir una cuenta en { $domain }.
xmpp-instructions-web = Para conseguir una cuenta en { $domain }, abre { $url }
xmpp-or-page = También puedes registrarte aquí: { $url }
xmpp-else-page = Si este programa no muestra ningún formulario, regístrate aquí: { $url }
xmpp-captcha-work = Para programas que calculan la respuesta. Déjalo vacío.
xmpp-registered-instructions = Tienes una cuenta aquí. Puedes cambiar su contraseña o eliminarla.
xmpp-password-change-incomplete = Para cambiar la contraseña, indica tu nombre y la contraseña nueva.
xmpp-password-change-title = Contraseña nueva
xmpp-password-change-instructions = Escribe tu contraseña anterior y la nueva.
xmpp-removal-title = Eliminar tu cuenta
xmpp-removal-instructions = Escribe tu contraseña para eliminar definitivamente tu cuenta y todo lo que contiene.

## Órdenes. $address es una dirección XMPP entera.

adhoc-list = Lo que puedes hacer aquí
adhoc-register = Crear una cuenta
adhoc-choose-domain = Tu dirección terminará en el dominio que elijas.
adhoc-verify = Confirmar una dirección de correo
adhoc-code-instructions = Escribe el código del mensaje que hemos enviado para { $address }.
adhoc-ready = Confirmado. Ya puedes iniciar sesión como { $address }.
page-verify-further = Confirmado. Escribe ahora el código del otro mensaje.
adhoc-resend = Enviar el código otra vez
adhoc-resend-instructions = Escribe el nombre de usuario de la cuenta que espera su código.
adhoc-correct-email = Corregir la dirección de correo de una cuenta nueva
adhoc-invite = Invitar a alguien
adhoc-create-account = Invitar a alguien a crear una cuenta
adhoc-create-account-text = Obtienes un enlace con el que una persona puede crear una cuenta en { $domain }. Con un nombre, vale solo para ese nombre.
adhoc-roster-subscription = Ser contactos mutuos
adhoc-invitation-uri = Enlace para programas
adhoc-invitation-page = Página para enviar a personas
adhoc-invitation-expire = Vale hasta
adhoc-my-data = Lo que está guardado sobre ti
adhoc-data-account = Cuenta
adhoc-data-state = Estado
adhoc-data-state-word =
    { $state ->
        [active] en uso
        [pending] espera su código
        [suspended] suspendida
       *[other] { $state }
    }
adhoc-data-email-verified = Dirección de correo confirmada
adhoc-data-phone-verified = Número de teléfono confirmado
adhoc-data-created = Registrada
adhoc-data-activated = Lista por primera vez
adhoc-data-events = Qué ha ocurrido
adhoc-data-event =
    { $action ->
        [registered] registrada
        [activated] puesta en servicio
        [password-changed] contraseña cambiada
        [deletion-asked] eliminación solicitada
        [email-change-asked] código para otra dirección de correo enviado
        [email-changed] dirección de correo cambiada
        [email-corrected] dirección de correo corregida
        [phone-corrected] número de teléfono corregido
        [email-proven] dirección de correo confirmada
        [phone-proven] número de teléfono confirmado
        [verification-resent] código enviado otra vez
        [suspended] suspendida
        [resumed] fin de la suspensión
       *[other] { $action }
    }
adhoc-change-password = Cambiar la contraseña
adhoc-change-password-instructions = Se cerrará la sesión en todos tus demás programas, y necesitarán la contraseña nueva.
adhoc-label-password-again = La contraseña nueva otra vez
adhoc-password-differs = Las dos contraseñas no son iguales. Escribe la contraseña nueva dos veces.
adhoc-password-changed = La contraseña está cambiada.
adhoc-delete = Eliminar la cuenta
adhoc-delete-warning = Tu cuenta y todo lo que el servidor guarda para ti desaparecerán definitivamente. Nadie podrá recuperarlos.
adhoc-label-confirm-delete = Sí, eliminar { $address }
adhoc-delete-unconfirmed = No se ha eliminado nada. Para eliminar la cuenta, confírmalo.
adhoc-deleted = La cuenta { $address } está eliminada.
flow-register = Una cuenta nueva en { $domain }
flow-recover = Un código por correo, para tu cuenta en { $domain }
flow-web = En una página web
chat-words-help = ayuda ?
chat-words-register = registro registrar
chat-words-code = código codigo confirmar
chat-words-resend = reenviar repetir
chat-words-status = estado
chat-words-delete = eliminar borrar
chat-words-password = contraseña clave
chat-help =
    Este servicio lleva las cuentas de { $domain }. Puedes escribir:
    registro – cómo conseguir una cuenta
    código alice 123456 – confirma la dirección de correo de la cuenta nueva alice
    reenviar alice – envía el código otra vez
    contraseña – qué hacer si has olvidado la contraseña
chat-help-owner =
    Este servicio lleva tu cuenta. Puedes escribir:
    estado – lo que está guardado
    contraseña – cómo cambiar la contraseña
    eliminar – elimina la cuenta, tras una confirmación
    código alice 123456 – confirma la dirección de correo de la cuenta nueva alice
chat-register = Los mensajes no son lugar para contraseñas: se quedan en los historiales. Quizá tu programa conoce las órdenes: elige «{ $command }» en esta dirección.
chat-register-page = Los mensajes no son lugar para contraseñas: se quedan en los historiales. Crea la cuenta en { $url } o elige la orden «{ $command }» en esta dirección.
chat-which-account = ¿Para qué cuenta? Escribe el nombre entre la palabra y el código: código alice 123456. Para otro mensaje de correo: reenviar alice.
chat-status-stranger = Escribes desde otro servicio, así que aquí no tienes ninguna cuenta. Escribe «ayuda» para ver lo que puedes hacer.
chat-delete-confirm = Esto elimina { $address } definitivamente, con todo lo que el servidor guarda para ti. Si es lo que quieres, escribe: eliminar { $address }
chat-command-only = Para esto hace falta tu contraseña, y los mensajes no son lugar para ella. Elige la orden «{ $command }» en esta dirección.
chat-password = Los mensajes no son lugar para contraseñas: se quedan en los historiales. Elige la orden «{ $command }» en esta dirección.
chat-password-page = Los mensajes no son lugar para contraseñas: se quedan en los historiales. Elige la orden «{ $command }» en esta dirección o, si la has olvidado, ve a { $url }
chat-encrypted = Este mensaje ha llegado cifrado, y aquí nadie puede leerlo. Desactiva el cifrado en este chat; no hacen falta secretos en él.
chat-unknown = No lo entiendo. Escribe «ayuda» para ver lo que puedes hacer.

## Cartas

letter-greeting = Hola:
letter-automatic = Este mensaje se ha enviado automáticamente.

letter-verify-subject = Confirma tu dirección de correo para { $service }
letter-verify-intro = Alguien, esperamos que tú, ha registrado la cuenta { $account } con esta dirección de correo.
letter-verify-code = Para confirmar la dirección, escribe este código:
letter-verify-code-lifetime =
    { $minutes ->
        [one] El código vale durante un minuto, hasta las { $time } UTC.
       *[other] El código vale durante { $minutes } minutos, hasta las { $time } UTC.
    }
letter-verify-link = O abre esta página y pulsa el botón que hay en ella:
letter-verify-button = Confirmar la dirección
letter-verify-not-you = Si no has sido tú, no tienes que hacer nada. Sin el código o el enlace nadie puede usar la cuenta con tu dirección. No le des el código a nadie.

letter-sms-verify = { $code } es tu código para { $account }. Vale { $minutes } min. No se lo des a nadie.
letter-sms-recover = { $code } es el código para una nueva contraseña de { $account }. Vale { $minutes } min. No se lo des a nadie. Si no lo has pedido, olvídalo.
letter-recover-subject = Una contraseña nueva para { $service }
letter-recover-intro = Alguien, esperamos que tú, quiere poner una contraseña nueva a tu cuenta { $account }.
letter-recover-code = Para ponerla, escribe este código donde lo has pedido:
letter-recover-link = O abre esta página y elige en ella la contraseña nueva:
letter-recover-button = Elegir una contraseña nueva
letter-recover-not-you = Si no has sido tú, no tienes que hacer nada. Tu contraseña no ha cambiado, y nadie puede cambiarla sin el código o el enlace. No le des el código a nadie.
letter-change-email-subject = Confirma tu nueva dirección de correo para { $service }
letter-change-email-intro = Alguien, ojalá tú, quiere que la cuenta { $account } tenga desde ahora esta dirección de correo.
letter-change-email-code = Para confirmarla, escribe este código donde lo pediste:
letter-change-email-not-you = Si no has sido tú, no tienes que hacer nada. Sin el código la cuenta conserva su dirección. No des el código a nadie.

letter-email-changed-subject = La dirección de correo de tu cuenta en { $service } ha cambiado
letter-email-changed-intro = La cuenta { $account } tiene ahora otra dirección de correo, y esta ya no se usa para ella.
letter-email-changed-new = La nueva dirección:
letter-email-changed-what-to-do = Si la has cambiado tú, no hay nada que hacer.
letter-email-changed-not-you = Si no has sido tú, alguien tiene tu contraseña: entra y cambia las dos cosas enseguida, o pregunta al operador del servicio.

letter-leaving-subject = Tu cuenta en { $service } se eliminará
letter-leaving-intro = Alguien, esperamos que tú, ha pedido que se elimine la cuenta { $account }.
letter-leaving-when = Se elimina el:
letter-leaving-what-to-do = Si es lo que quieres, no hay nada que hacer. Para conservar la cuenta, abre antes esta página: { $url }
letter-leaving-not-you = Si no has sido tú, alguien tiene tu contraseña: conserva la cuenta y cambia la contraseña enseguida.

letter-invitation-subject = Tu acceso a { $service }
letter-invitation-intro = Alguien, esperamos que tú, quiere una cuenta en { $domain } y ha indicado esta dirección de correo.
letter-invitation-link = Con esta invitación tu dirección queda confirmada. Ábrela en el dispositivo con el que quieras chatear:
letter-invitation-button = Abrir la invitación
letter-invitation-until = Sirve para crear una sola cuenta, hasta el { $time }.
letter-invitation-not-you = Si no has sido tú, no tienes que hacer nada. No le des el enlace a nadie.

letter-already-registered-subject = Ya tienes una cuenta en { $service }
letter-already-registered-intro = Alguien, quizá tú, ha intentado registrar la cuenta { $account } con esta dirección de correo.
letter-already-registered-intro-invitation = Alguien, quizá tú, ha pedido una invitación con esta dirección de correo.
letter-already-registered-existing = Esta dirección ya pertenece a tu cuenta:
letter-already-registered-what-to-do = Cada dirección sirve para una sola cuenta, así que la nueva no se ha confirmado. Inicia sesión en la cuenta que tienes, con la contraseña que elegiste para ella.
letter-already-registered-not-you = Si no has sido tú, no tienes que hacer nada. Tu cuenta no ha cambiado, y quien lo ha intentado no se ha enterado de que tienes una.

## Páginas web

page-language-name = Español
page-languages = Idioma
page-skip = Ir al contenido
page-footer = Esta página no necesita scripts y no carga nada de otros sitios.
page-terms = Condiciones de uso
page-privacy = Privacidad
page-imprint = Aviso legal
page-problem = Problema
page-problems = Corrige lo siguiente
page-optional = opcional
page-domain = Dominio
page-to-start = A la página de inicio
page-to-form = Volver al formulario

page-start = Tu cuenta en { $service }
page-start-title = Inicio
page-start-lead = XMPP es chat para todos: muchos programas, muchos proveedores, una sola red. Aquí consigues una cuenta.
page-start-active = Tu cuenta { $address } está lista.
page-start-active-link = Cómo usarla
page-start-pending = Tu cuenta { $address } espera el código de nuestro mensaje.
page-start-pending-link = Escribir el código
page-start-closed = Por ahora nadie puede registrarse aquí. Pide una cuenta al operador de este servicio.
page-start-step-name = Elige un nombre
page-start-step-name-text = Será tu dirección, que termina en
page-start-step-prove = Confirma tu dirección de correo
page-start-step-prove-text = Te enviamos un mensaje con un código y un enlace.
page-start-step-chat = Chatea
page-start-step-chat-text = Inicia sesión con cualquier programa XMPP, en el teléfono o en el ordenador.

page-register = Crear una cuenta
page-register-lead = Con ella puedes chatear con todos los que usan XMPP, sea cual sea su proveedor.
page-register-submit = Crear la cuenta
page-hint-username = Letras de la a a la z y cifras; dentro del nombre también puntos, guiones y guiones bajos.
page-hint-username-unicode = Letras y cifras de un mismo alfabeto; dentro del nombre también puntos, guiones y guiones bajos.
page-hint-password =
    { $min ->
        [one] Al menos un carácter.
       *[other] Al menos { $min } caracteres. Va bien usar unas cuantas palabras que solo tú juntarías.
    }
page-strength =
    { $score ->
        [0] Muy fácil de adivinar. Con unas palabras más será segura.
        [1] Fácil de adivinar. Con unas palabras más será segura.
        [2] Podría adivinarse. Con una palabra más será segura.
        [3] Difícil de adivinar.
       *[other] Muy difícil de adivinar.
    }
page-hint-email = Allí enviamos un código. Nadie más la verá.
page-hint-phone = Con el prefijo del país, como +34. Allí enviamos un código por SMS. Nadie más lo verá.
page-captcha-picture = Seis caracteres deformados. Si debajo hay una pregunta, basta con su respuesta.
page-captcha-work = Un momento: tu navegador hace un cálculo que mantiene alejados a los robots.
page-hint-captcha = Las mayúsculas y los espacios dan igual.
page-hint-captcha-one = Responde a esto o a lo otro; basta con una respuesta. Las mayúsculas y los espacios dan igual.
page-link-have-code = Ya tengo un código

page-verify = Confirma tu dirección de correo
page-verify-account = Confirma tu cuenta
page-verify-lead = Hemos enviado un mensaje a { $email }. Escribe el código que contiene, o abre su enlace, y tu cuenta { $address } estará lista.
page-verify-lead-phone = Hemos enviado un SMS a { $phone }. Escribe el código que contiene, y tu cuenta { $address } estará lista.
page-verify-lead-both = Hemos enviado un correo a { $email } y un SMS a { $phone }. Escribe los dos códigos, uno tras otro, y tu cuenta { $address } estará lista.
page-verify-lead-no-email = Escribe el código del mensaje que te hemos enviado, y tu cuenta { $address } estará lista.
page-verify-lead-unknown = Escribe tu nombre de usuario y el código del mensaje que te hemos enviado.
page-verify-sent = Si esta cuenta espera su código, hay un mensaje nuevo en camino. Los códigos de los anteriores ya no valen. Mira también en la carpeta de correo no deseado.
page-verify-submit = Confirmar
page-verify-resend = Enviar un mensaje nuevo
page-label-code = Código
page-hint-code = { $digits } cifras, en nuestro mensaje.
page-link-wrong-address = La dirección de correo era incorrecta
page-link-wrong-address-or-number = La dirección o el número era incorrecto
page-link-other-account = Tengo un código para otra cuenta

page-link = Confirma tu dirección de correo
page-link-lead = Pulsa el botón, y tu cuenta { $address } estará lista.
page-link-submit = Confirmar la dirección

page-address = Corrige tu dirección de correo
page-address-or-number = Corrige tu dirección o tu número
page-address-lead = Mientras no esté confirmado, puedes cambiar lo que indicaste. La contraseña es la que elegiste para tu cuenta nueva.
page-address-submit = Enviar un código nuevo
page-label-new-email = Nueva dirección de correo
page-label-new-phone = Nuevo número de teléfono
page-recover = Una contraseña nueva
page-recover-lead = Si has olvidado tu contraseña, enviamos un código a la dirección de correo que confirmaste.
page-recover-submit = Enviar el código
page-recover-sent = Si esta cuenta tiene una dirección de correo confirmada, hay un código en camino hacia ella. Mira también en la carpeta de correo no deseado.
page-recover-code-lead = Escribe el código de nuestro mensaje y elige una contraseña nueva.
page-recover-link-lead = Elige una contraseña nueva para { $address }.
page-recover-code-submit = Poner la contraseña nueva
page-recover-again = Enviarme otro código
page-recovered = Tu contraseña está cambiada
page-recovered-text = Inicia sesión ahora con la contraseña nueva. Se ha cerrado la sesión en todos los programas que la tenían abierta.
page-start-recover = He olvidado mi contraseña

page-web-form = Cuentas para programas: el formulario web
page-web-form-lead = Este recurso crea una cuenta en { $domain } a partir del formulario de una página web. Antes hay un CAPTCHA; el código se envía a la dirección de correo y el navegador inicia sesión al momento. Funciona mientras a la clave de API que el operador le ha reservado le queden cuentas.
page-web-form-key = Clave de API configurada
page-web-form-limit = Límite de cuentas
page-web-form-created = Cuentas creadas
page-web-form-deleted = Cuentas eliminadas
page-web-form-left = Cuentas restantes
page-web-form-captcha = CAPTCHA configurado
page-web-form-open = Se puede usar ahora
page-web-form-submit = Crear la cuenta
page-yes = Sí
page-no = No

page-signin = Entrar en tu cuenta
page-signin-lead = Consulta lo que hay guardado sobre ti, cambia la contraseña o elimina tu cuenta.
page-signin-submit = Entrar
page-account = Tu cuenta
page-account-lead = Tu sesión dura una hora como máximo.
page-account-signout = Salir
page-account-back = Volver a tu cuenta
page-account-password = Cambiar la contraseña
page-account-password-lead = Con la nueva contraseña todos tus programas tendrán que volver a iniciar sesión; en los demás navegadores se cierra la sesión.
page-account-password-submit = Cambiar la contraseña
page-account-password-changed = La nueva contraseña vale desde ahora.
page-account-email = Cambiar la dirección de correo
page-account-email-lead = La nueva dirección debe confirmarse antes de ocupar el lugar de la anterior, a la que se avisa.
page-account-email-submit = Enviadme un código
page-account-email-sent = Hay un código de camino a la nueva dirección. Mira también en la carpeta de correo no deseado.
page-account-email-confirm = Cambiar la dirección
page-account-data = Descargar tus datos (JSON)
page-account-data-xml = Descargar tu cuenta para otro servidor (XEP-0227)
page-account-delete = Eliminar la cuenta
page-account-delete-lead = { $address } se eliminará al momento, con todo lo que el servidor guarda de ella: contactos, mensajes, archivos. No se puede deshacer, y nadie obtendrá el nombre durante un tiempo.
page-account-delete-lead-later = { $address } se eliminará el { $time }, con todo lo que el servidor guarda de ella: contactos, mensajes, archivos. Hasta entonces nadie puede entrar, y puedes volverte atrás.
page-account-delete-submit = Eliminar para siempre
page-deleted = La cuenta se ha eliminado
page-deleted-text = Todo lo que aquí había guardado sobre ti desaparece con ella.
page-leaving = La cuenta se eliminará
page-leaving-text = Será el { $time }. Tus sesiones se han cerrado en todas partes. Si cambias de idea antes, conserva la cuenta con su contraseña.
page-keep = Conservar la cuenta
page-keep-lead = Pediste que la cuenta se eliminara. Escribe su nombre y su contraseña, y se quedará como estaba.
page-keep-submit = Conservarla
page-kept = La cuenta se queda
page-kept-text = No se ha perdido nada. Ya puedes volver a entrar.

page-welcome = Te damos la bienvenida
page-welcome-lead = Tu dirección de correo está confirmada y tu cuenta está lista.
page-welcome-lead-ready = Tu cuenta está lista.
page-welcome-address = Tu dirección XMPP
page-welcome-how = Abre un programa XMPP, elige iniciar sesión con una cuenta que ya tienes, y escribe esta dirección y tu contraseña.
page-welcome-clients = Programas para usarla
page-welcome-clients-text = Son programas de otros; hay muchos más. Puedes usar varios a la vez.
page-invite = Tienes una invitación a { $service }
page-invite-by = { $inviter } te invita a chatear.
page-invite-lead = Con esta invitación consigues una cuenta en { $domain }, con la que puedes chatear con todos los que usan XMPP.
page-invite-lead-name = Con esta invitación consigues la cuenta { $address }, con la que puedes chatear con todos los que usan XMPP.
page-invite-lead-proven = Tu dirección de correo está confirmada. Elige ahora un nombre y una contraseña, y tu cuenta en { $domain } estará lista.
page-invite-step-install = Instala un programa de chat
page-invite-step-install-text = Si aún no tienes ninguno, toma uno de la lista de abajo. Después vuelve a esta página.
page-invite-step-open = Abre la invitación con él
page-invite-step-open-text = El programa pide un nombre y una contraseña, y tu cuenta está lista. Si no conoce las invitaciones, regístrate en esta página e inicia sesión con él.
page-invite-open = Abrir en el programa
page-invite-register = Registrarse en esta página
page-invite-clients = Programas
page-invite-qr = Para seguir en el teléfono, apunta aquí con su cámara.
page-invite-qr-label = Código QR con la dirección de esta página
page-invite-until = La invitación vale hasta el { $time }. Da su dirección solo a las personas a las que quieras invitar.
page-invite-ask = Una cuenta para tu programa de chat
page-invite-ask-lead = Algunos programas solo saben registrarse con un nombre y una contraseña. Confirma primero tu dirección de correo: te enviamos una invitación a { $domain } que abres en el programa, y tu cuenta está lista enseguida.
page-invite-ask-submit = Enviarme la invitación
page-invite-sent = Hay un mensaje en camino. Abre la invitación que contiene en el dispositivo con el que quieras chatear. Mira también en la carpeta de correo no deseado.
page-link-invite-ask = Registrarse en un programa de chat
page-label-invitation = Invitación
page-hint-invitation = El enlace que has recibido, o las letras y cifras del final.

page-error-not-found = Esta página no existe
page-error-not-found-text = Quizá la dirección está mal escrita, o la página ya no está.
page-error-method = Esto no funciona aquí
page-error-method-text = Esta página no se puede abrir de esa manera. Empieza por la página de inicio.
page-error-malformed = No podemos leerlo
page-error-malformed-text = Lo que ha enviado tu navegador no tiene la forma de lo que envían nuestras páginas. Empieza por la página de inicio.
page-error-too-large = Es demasiado
page-error-too-large-text = Lo que se ha enviado es más grande que cualquiera de nuestros formularios.
page-error-too-slow = Ha tardado demasiado
page-error-too-slow-text = El formulario no ha llegado a tiempo. Comprueba tu conexión y vuelve a intentarlo.
page-error-foreign-form = Envía el formulario otra vez
page-error-foreign-form-text = No hemos podido asegurarnos de que el formulario venía de ti, así que no se ha hecho nada. Quizá estuvo abierto mucho tiempo, o tu navegador no guarda las cookies de este sitio.
page-error-busy = Ahora hay demasiado trabajo
page-error-busy-text = Ahora mismo no es posible. Vuelve a intentarlo dentro de un momento.
page-error-fault = Algo no funciona
page-error-fault-text = Es culpa nuestra, no tuya. Vuelve a intentarlo más tarde. Si sigue igual, dile al operador de este servicio la palabra { $reference }.
