import type { ToldCatalogue } from '../tell.ts';

const bug = 'Comuníquelo con el número de traza; el registro tiene los detalles.';
const waits = 'No hay que hacer nada: se reintenta solo.';

export const es: ToldCatalogue = {
  'frame-malformed': ['Mensaje no entendido', 'Un equipo envió un mensaje que no se pudo leer.', bug],
  'frame-too-large': ['Mensaje demasiado grande', 'Un mensaje superaba el límite y no se leyó.', bug],
  'frame-unsupported': [
    'Tipo de mensaje desconocido',
    'Se omitió un mensaje de un tipo que esta versión no conoce.',
    'Actualice el lado más antiguo.',
  ],
  'frame-binary': ['Mensaje binario rechazado', 'Llegó un mensaje binario donde se espera texto.', bug],
  'frame-out-of-turn': [
    'Mensaje fuera de turno',
    'Un mensaje llegó antes o después de lo permitido.',
    'El equipo se reconecta solo. Si se repite, comuníquelo con el número de traza.',
  ],
  'frame-too-many-bad': [
    'Demasiados mensajes ilegibles',
    'La conexión se cerró porque demasiados mensajes eran ilegibles.',
    'Actualice el agente. Si se repite, comuníquelo con el número de traza.',
  ],
  'finding-invalid': [
    'Resultado rechazado',
    'Un resultado no encaja con su comprobación y no se guardó. Los demás sí.',
    bug,
  ],
  'sequence-gap': [
    'Faltan mensajes',
    'Algunos mensajes del equipo no llegaron.',
    'No hay que hacer nada: el equipo los envía de nuevo.',
  ],
  'too-fast': [
    'Demasiadas peticiones',
    'Llegó más de lo permitido a la vez.',
    'Espere unos segundos y pruebe otra vez.',
  ],
  'version-unsupported': [
    'Las versiones no encajan',
    'Los dos lados no hablan ninguna versión común.',
    'Actualice el lado más antiguo; recargue esta página si lleva mucho tiempo abierta.',
  ],
  'greeting-timeout': ['El saludo tardó demasiado', 'El equipo no dijo a tiempo quién es.', waits],
  'signature-wrong': [
    'El equipo no pudo acreditarse',
    'La firma no corresponde a la clave del equipo.',
    'Inscríbalo de nuevo si se restauró desde una copia.',
  ],
  'device-unknown': [
    'Equipo no inscrito',
    'Este colector no conoce el equipo.',
    'Inscríbalo con un token o admítalo en la página «Enrolment».',
  ],
  'device-revoked': [
    'Equipo revocado',
    'Alguien retiró el acceso a este equipo.',
    'Si fue un error, restáurelo en su página.',
  ],
  'device-duplicated': [
    'Clave usada dos veces',
    'Dos máquinas se conectan con la misma clave. Una es probablemente copia de la otra.',
    'Inscriba de nuevo una de las dos, para que cada una tenga su clave.',
  ],
  'device-superseded': [
    'Sustituido por una conexión más reciente',
    'El mismo equipo se conectó otra vez.',
    waits,
  ],
  'token-unknown': [
    'Token desconocido',
    'Este token no es de este colector.',
    'Revise si está bien escrito o cree uno nuevo.',
  ],
  'token-expired': [
    'Token caducado',
    'El plazo del token terminó.',
    'Cree uno nuevo en la página «Enrolment».',
  ],
  'token-used-up': [
    'Token agotado',
    'El token ya admitió todos los equipos que podía.',
    'Cree uno nuevo en la página «Enrolment».',
  ],
  'token-revoked': ['Token revocado', 'Alguien revocó el token.', 'Cree uno nuevo en la página «Enrolment».'],
  'admission-waiting': [
    'En espera de admisión',
    'El equipo ha pedido entrar.',
    'Compare su huella y admítalo en la página «Enrolment».',
  ],
  'admission-rejected': [
    'Admisión rechazada',
    'Alguien rechazó este equipo.',
    'Si fue un error, haga que lo pida de nuevo y admítalo.',
  ],
  'collector-changed': [
    'Otro colector',
    'El equipo pertenece a otro colector y no cambia solo.',
    'Revise la dirección del colector o inscriba el equipo aquí de nuevo.',
  ],
  'collector-busy': ['Colector ocupado', 'Se conectan más equipos de los que puede recibir a la vez.', waits],
  'collector-stopping': ['El colector se reinicia', 'El colector se está apagando.', waits],
  'store-unavailable': [
    'Almacenamiento no disponible',
    'El colector no puede leer ni escribir sus datos; no se cambió nada.',
    'Pruebe en un minuto. Si sigue igual, revise el disco o la base de datos del colector.',
  ],
  'request-invalid': [
    'Algo en el formulario no está bien',
    'La petición no encaja con lo permitido aquí.',
    'Revise los campos marcados y envíela otra vez.',
  ],
  'not-found': [
    'No encontrado',
    'En esta dirección no hay nada, o ya no.',
    'Vuelva a la lista y elíjalo allí.',
  ],
  'method-not-allowed': [
    'Aquí no es posible',
    'Esta dirección no hace lo que se pidió.',
    'Recargue la página y pruebe otra vez.',
  ],
  'body-too-large': [
    'Demasiado de una vez',
    'La petición es mayor de lo permitido.',
    'Envíe menos de una vez.',
  ],
  'signed-out': [
    'Ha salido de la sesión',
    'La sesión terminó o nunca existió.',
    'Inicie sesión para seguir.',
  ],
  'sign-in-wrong': [
    'Eso no coincide',
    'El usuario o la contraseña no es correcto.',
    'Pruebe otra vez o pida una contraseña nueva a la administración.',
  ],
  'sign-in-locked': [
    'Demasiados intentos',
    'El inicio de sesión está bloqueado un rato por demasiadas contraseñas erróneas.',
    'Espere unos minutos o pida una contraseña nueva.',
  ],
  'role-missing': [
    'Su función no lo permite',
    'Hace falta una función que usted no tiene.',
    'Pídala a la administración si la necesita.',
  ],
  'origin-refused': [
    'Dirección no permitida',
    'La página se abrió en una dirección que el colector no acepta.',
    'Ábrala en la dirección del colector o añada esta a sus ajustes.',
  ],
  'csrf-refused': [
    'La página está anticuada',
    'La petición no llevaba la marca de esta sesión.',
    'Recargue la página y pruebe otra vez.',
  ],
  'password-weak': [
    'Contraseña demasiado débil',
    'La contraseña es demasiado corta o fácil de adivinar.',
    'Elija una más larga; unas palabras sin relación sirven.',
  ],
  'password-change-needed': [
    'Elija su propia contraseña',
    'La suya se la dio otra persona.',
    'Ponga la suya para seguir.',
  ],
  conflict: [
    'Alguien fue más rápido',
    'Ha cambiado desde que se mostró, o ya existe.',
    'Recargue para ver cómo está ahora y pruebe otra vez.',
  ],
  'device-offline': [
    'Equipo sin conexión',
    'No se le puede preguntar mientras está sin conexión.',
    'Pruebe otra vez cuando aparezca en directo.',
  ],
  'settings-invalid': [
    'Ajustes no válidos',
    'Al menos un ajuste tiene un valor no permitido.',
    'Corrija los ajustes nombrados y arranque de nuevo.',
  ],
  'data-folder-unwritable': [
    'Carpeta de datos protegida',
    'No se puede escribir en la carpeta de datos.',
    'Dé permiso de escritura a la cuenta o elija otra carpeta.',
  ],
  'data-folder-in-use': [
    'Carpeta de datos en uso',
    'Otro proceso usa esta carpeta de datos.',
    'Deténgalo o elija otra carpeta.',
  ],
  'store-newer': [
    'Datos de una versión más nueva',
    'Una versión más nueva escribió estos datos.',
    'Arranque esa versión o una posterior; para volver, restaure una copia.',
  ],
  'store-denied': [
    'La base de datos nos rechaza',
    'La base de datos no deja entrar al colector, o no le deja hacer lo que debe.',
    'Compruebe usuario, contraseña y permisos en TRAYLINE_STORE; bastan readWrite y dbAdmin sobre su base de datos.',
  ],
  'store-unsuitable': [
    'Base de datos inadecuada',
    'La base de datos es demasiado antigua o no es un replica set, y no podría conservar lo que recibe.',
    'Use MongoDB 6.0 o posterior como replica set; basta un miembro.',
  ],
  'tls-required': [
    'Hace falta cifrado',
    'El colector escucharía más allá de esta máquina sin TLS.',
    'Indique certificado y clave, o escuche solo en la dirección local.',
  ],
  'address-in-use': [
    'Dirección en uso',
    'Otro programa ya escucha en esta dirección.',
    'Deténgalo o elija otro puerto.',
  ],
  'scan-over-budget': [
    'Una comprobación cuesta demasiado',
    'Una comprobación usa más procesador de lo permitido y se ejecuta con menos frecuencia.',
    'Aumente el presupuesto de comprobaciones si es poco frecuente, o busque por qué el equipo va lento.',
  ],
  'outbox-damaged': [
    'La bandeja de salida estaba dañada',
    'Había mensajes ilegibles, quizá tras un corte de luz. Lo legible se conservó.',
    'No hay que hacer nada: el equipo envía de nuevo todo su estado.',
  ],
  'identity-unreadable': [
    'Clave del equipo ilegible',
    'La clave está dañada o copiada de otra máquina.',
    'Inscriba el equipo de nuevo.',
  ],
  'service-already-running': [
    'Ya está en marcha',
    'El agente ya funciona en este equipo.',
    'Use el que está en marcha o deténgalo antes.',
  ],
  'vendor-unreachable': [
    'Sistema inaccesible',
    'El sistema conectado no respondió.',
    'Compruebe su dirección, la red y el proxy. Se reintenta por sí solo.',
  ],
  'vendor-credentials': [
    'Credenciales rechazadas',
    'El sistema conectado no acepta las credenciales.',
    'Introduzca otras en la página Integraciones y elija Reconectar.',
  ],
  'vendor-permission': [
    'Falta un permiso',
    'El sistema conectado acepta las credenciales, pero no permite esto.',
    'Conceda los permisos que muestra la página Integraciones y elija Reconectar.',
  ],
  'vendor-throttled': [
    'El sistema pide ir más despacio',
    'El sistema conectado no acepta más solicitudes por ahora.',
    'No hay que hacer nada: sigue cuando el sistema lo permita.',
  ],
  'vendor-refused': [
    'Solicitud rechazada',
    'El sistema conectado no aceptó una solicitud.',
    'Compruebe los ajustes del conector. Si son correctos, notifíquelo con el id de traza.',
  ],
  'vendor-not-found': [
    'Desconocido allí',
    'El sistema conectado no conoce nada con ese nombre.',
    'Compruebe los ajustes del conector o vuelva a leer el sistema.',
  ],
  'vendor-failed': [
    'Error del sistema',
    'El sistema conectado tuvo un error propio.',
    'No hay que hacer nada: se reintenta. Si persiste, consulte al fabricante.',
  ],
  'vendor-answer': [
    'Respuesta no entendida',
    'No se pudo leer la respuesta del sistema conectado.',
    'Compruebe la dirección: quizá respondió una página de inicio de sesión o un proxy.',
  ],
  'vendor-redirect': [
    'Enviado a otro sitio',
    'El sistema conectado remitió a otro host; no se envió nada allí.',
    'Si el sistema se ha mudado, introduzca su nueva dirección en la página Integraciones.',
  ],
  'secret-unreadable': [
    'Secreto guardado ilegible',
    'Un secreto guardado no corresponde a la clave de este colector.',
    'Restaure el archivo de clave de estos datos o vuelva a introducir el secreto.',
  ],
  'sender-refused': [
    'No lo pidió Trayline',
    'Algo que no es la ventana de Trayline pidió algo y fue rechazado.',
    'No hay que hacer nada. Si se repite, avise a su soporte.',
  ],
  'link-refused': [
    'Dirección fuera de la lista',
    'Trayline solo abre direcciones que conoce.',
    'Abra la dirección en su navegador si confía en ella.',
  ],
  'consent-missing': [
    'Sin su acuerdo',
    'Un cambio del equipo necesita el acuerdo de quien está delante; no lo hay o ha caducado.',
    'Pídalo de nuevo y acéptelo en dos minutos.',
  ],
  'help-too-many': [
    'Demasiadas solicitudes a la vez',
    'Ya esperan a la asistencia tantas solicitudes de este equipo como se aceptan a la vez, o hoy se han hecho muchas.',
    'Espere una respuesta o retire una que ya no necesite. Si es urgente, llame a la asistencia.',
  ],
  'help-over': [
    'Demasiado tarde para retirarla',
    'La asistencia ya ha respondido a esta solicitud o la ha cerrado.',
    'No hay nada que hacer. Haga una solicitud nueva si necesita otra cosa.',
  ],
  'service-unreachable': [
    'El servicio de Trayline no responde',
    'La parte de Trayline que comprueba este equipo no funciona o no responde.',
    'Se vuelve a intentar solo. Si sigue así, reinicie el equipo o avise a su soporte.',
  ],
  internal: [
    'Algo salió mal',
    'El colector tuvo un error inesperado.',
    'Pruebe otra vez. Si sigue igual, comuníquelo con el número de traza.',
  ],
};
