import type { postureEn } from './en.ts';

export const postureEs: Readonly<Record<keyof typeof postureEn, string>> = {
  'asks.os.version': 'Qué sistema usa este dispositivo, con su versión y compilación.',
  'asks.os.support':
    'Si el fabricante aún ofrece actualizaciones de seguridad para esta versión del sistema.',
  'asks.uptime': 'Cuánto hace que el dispositivo se inició por completo.',
  'asks.reboot.pending': 'Si algo, por ejemplo una actualización, espera un reinicio.',
  'asks.time.skew': 'Si el reloj del dispositivo está en hora.',
  'asks.crash.count':
    'Cuántas veces fallaron el sistema o los programas últimamente. Se leen nombres de programas, no contenidos.',
  'asks.disk.free': 'Cuánto espacio queda en las unidades del dispositivo.',
  'asks.disk.health': 'Lo que las unidades dicen de su estado y desgaste.',
  'asks.battery':
    'Cuánta carga conserva la batería, cuántas veces se cargó y si el dispositivo está enchufado.',
  'asks.perf': 'Cuán ocupados están ahora el procesador, la memoria, el disco y la red.',
  'asks.processes': 'Qué programas usan más el procesador, por su nombre. No se lee en qué trabajan.',
  'asks.disk.encryption': 'Si la unidad está cifrada. Las claves de recuperación nunca se leen.',
  'asks.fw.enabled': 'Si hay un cortafuegos activado.',
  'asks.av.products': 'Qué antivirus están instalados, activos y al día.',
  'asks.av.defender':
    'Cómo está configurado Microsoft Defender y cuándo examinó el dispositivo por última vez. Las exclusiones no se leen.',
  'asks.antispyware': 'Qué programas contra software espía están instalados, activos y al día.',
  'asks.edr.falcon': 'Si el sensor de CrowdStrike está instalado y funciona.',
  'asks.edr.ztaScore':
    'Cómo valora CrowdStrike la protección de este dispositivo. Se pregunta a CrowdStrike, no al dispositivo.',
  'asks.boot.secure': 'Si el dispositivo solo arranca sistemas firmados.',
  'asks.tpm': 'Si el dispositivo tiene un chip que guarda claves y si está listo.',
  'asks.os.integrity': 'Si el sistema protege su propio código contra cambios.',
  'asks.gatekeeper': 'Si los programas de Internet se comprueban antes de iniciarse.',
  'asks.screen.lock': 'Al cabo de cuánto tiempo se bloquea la pantalla si no hay nadie.',
  'asks.password.policy': 'Qué exige el dispositivo a las contraseñas. Las contraseñas nunca se leen.',
  'asks.login.auto': 'Si el dispositivo inicia sesión por sí solo. No se lee de quién.',
  'asks.remote.access': 'Si alguien puede iniciar sesión en el dispositivo desde otro lugar.',
  'asks.update.lastCheck': 'Cuándo se buscaron actualizaciones por última vez.',
  'asks.update.missing': 'Qué actualizaciones del sistema se conocen y no están instaladas.',
  'asks.update.lastInstalled': 'Cuándo instaló el sistema una actualización por última vez.',
  'asks.update.auto': 'Si el sistema se mantiene al día por sí solo.',
  'asks.join.domain':
    'A qué directorio de la empresa pertenece el dispositivo. No se leen nombres de personas.',
  'asks.sso.prt': 'Si el inicio de sesión en los servicios de la empresa es reciente. El token nunca se lee.',
  'asks.mdm.enrolled': 'Si la empresa administra este dispositivo.',
  'asks.mdm.lastSync': 'Cuándo habló el dispositivo con su administración por última vez.',
  'asks.net.mac': 'Direcciones de los adaptadores de red. Los nombres de las redes inalámbricas no se leen.',
  'asks.net.vpn': 'Si hay un túnel a la empresa abierto. No se lee adónde va por él.',
  'asks.net.location':
    'Desde qué red de la empresa se conecta el dispositivo. El recolector lo ve en la conexión.',
  'asks.geo.location':
    'Desde qué país se conecta el dispositivo. El recolector lo ve en la conexión; no se conoce un lugar más exacto.',
  'asks.app.citrixWorkspace': 'Si la aplicación Citrix Workspace está instalada y su versión.',
  'asks.browser': 'Qué navegadores están instalados y cuál abre los enlaces. Lo que visita nunca se lee.',
  'asks.app.installed': 'Si los programas por los que pregunta su empresa están instalados y sus versiones.',
  'asks.file':
    'Si están los archivos por los que pregunta su empresa, con tamaño, fecha y huella. El contenido nunca sale del dispositivo.',
  'asks.process': 'Si se ejecutan los programas por los que pregunta su empresa.',
  'asks.service': 'Si los servicios por los que pregunta su empresa están instalados y activos.',
  'asks.registry.numeric': 'Números de los ajustes del sistema por los que pregunta su empresa.',
  'asks.registry.text':
    'Textos de los ajustes del sistema por los que pregunta su empresa. Los lugares con secretos nunca se leen.',
  'asks.cert.device':
    'Si el dispositivo tiene un certificado de su empresa. Las claves privadas nunca se leen.',
  'reason.not-asked': 'El dispositivo no ha informado sobre esto',
  'reason.not-told': 'La respuesta deja esto abierto',
  'reason.incomplete': 'No se pudo saber todo, y lo que se sabe no lo decide',
  'reason.too-old': 'Lo que se sabe es demasiado antiguo para contar',
  'reason.clock-wrong': 'Un reloj está mal, por lo que no se puede saber la antigüedad',
  'reason.not-comparable': 'Los dos valores no tienen orden',
  'reason.rule-unknown': 'La regla pregunta algo que esta versión no conoce',
  'result.pass': 'Se cumple',
  'result.fail': 'No se cumple',
  'result.unknown': 'No se pudo saber',
  'cannot.not-permitted':
    'El agente se ejecuta aquí sin los permisos necesarios; instalado como servicio puede preguntar',
  'cannot.not-installed': 'El programa que respondería no está instalado en este dispositivo',
  'cannot.constrained-language':
    'PowerShell está restringido en este dispositivo; hay que permitir el script del agente',
  'cannot.not-supported': 'Este sistema no tiene forma de responder',
  'cannot.not-applicable': 'La pregunta no se aplica a este dispositivo',
  'cannot.no-subjects': 'No se ha indicado nada que buscar',
  'cannot.newer-than-table': 'El sistema es más nuevo que nuestra tabla de fechas de soporte',
  'cannot.not-reported':
    'No ha llegado nada de este dispositivo: la comprobación aún no se ha ejecutado o el agente es anterior a ella',
  'cannot.server':
    'Esto lo responde {system}, no el dispositivo; de allí no ha llegado nada para este dispositivo',
  'cannot.collector':
    'El recolector lo responde por la dirección de la conexión; aún no lo ha hecho para este dispositivo',
  'part.service': 'Servicio',
  'part.user': 'Parte del usuario',
};
