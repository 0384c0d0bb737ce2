/** Lo que la aplicación del equipo dice a la persona que tiene delante, en español. */
export const endpointEs = {
  'desk.firewall.why': 'Sin él, otros equipos de la misma red pueden alcanzar programas del suyo.',
  'desk.firewall.step.windows':
    'Abra «Seguridad de Windows», luego «Firewall y protección de red», y actívelo para cada red.',
  'desk.firewall.step.macos': 'Abra Ajustes del Sistema, luego «Red» y «Firewall», y actívelo.',
  'desk.firewall.step.linux': 'Active el cortafuegos de su sistema (ufw o firewalld) o pídalo a su soporte.',
  'desk.firewall.step.managed':
    'Si el interruptor está en gris, lo gestiona su organización: pregunte a su soporte.',
  'desk.encryption.why':
    'Si este equipo se pierde o lo roban, quien lo encuentre puede leer todo lo que contiene.',
  'desk.encryption.step.windows':
    'Abra Configuración, luego «Privacidad y seguridad» y «Cifrado de dispositivo» (o «BitLocker»), y actívelo.',
  'desk.encryption.step.macos':
    'Abra Ajustes del Sistema, luego «Privacidad y seguridad», y active FileVault.',
  'desk.encryption.step.linux': 'Pregunte a su soporte: en este sistema el disco se cifra al instalarlo.',
  'desk.encryption.step.resume':
    'Abra «Administrar BitLocker» y elija «Reanudar protección». A menudo basta con reiniciar.',
  'desk.encryption.step.go-on': 'Mientras tanto puede seguir trabajando; deje el equipo enchufado.',
  'desk.disk.why':
    'Con el disco lleno fallan programas, no se instalan actualizaciones y se puede perder trabajo.',
  'desk.disk.step.bin': 'Vacíe la papelera.',
  'desk.disk.step.windows':
    'Abra Configuración, luego «Sistema» y «Almacenamiento», y limpie lo que recomienda.',
  'desk.disk.step.macos':
    'Abra Ajustes del Sistema, luego «General» y «Almacenamiento», y siga lo que recomienda.',
  'desk.disk.step.linux': 'Busque carpetas grandes en su carpeta personal y borre lo que ya no necesita.',
  'desk.disk.step.downloads':
    'Revise sus descargas y mueva los archivos grandes al almacenamiento de su empresa.',
  'desk.drive.why': 'Una unidad que falla se lleva todo lo que contiene.',
  'desk.drive.step.save': 'Guarde hoy su trabajo en el almacenamiento de su empresa.',
  'desk.drive.step.helpdesk': 'Avise a su soporte: hay que sustituir la unidad.',
  'desk.drive.step.watch': 'Avise a su soporte: conviene revisar la unidad antes de que falle.',
  'desk.battery.why': 'Con batería el equipo no durará mucho y puede apagarse sin avisar.',
  'desk.battery.step.mains': 'Hasta que la cambien, lleve el cargador con usted.',
  'desk.battery.step.helpdesk': 'Pida una batería nueva a su soporte.',
  'desk.support.why.ended': 'Los nuevos fallos de seguridad ya no se corrigen en este equipo.',
  'desk.support.why.ending':
    'Después de ese día ya no se corregirán nuevos fallos de seguridad en este equipo.',
  'desk.support.step.windows':
    'Abra Configuración, luego «Windows Update», e instale la versión más reciente si se ofrece.',
  'desk.support.step.macos':
    'Abra Ajustes del Sistema, luego «General» y «Actualización de software», e instale la versión más reciente si se ofrece.',
  'desk.support.step.linux': 'Pida a su soporte el paso a una versión más reciente.',
  'desk.support.step.helpdesk': 'Si no se ofrece ninguna, pregunte a su soporte.',
  'desk.restart.why': 'Las actualizaciones instaladas solo protegen este equipo después de reiniciar.',
  'desk.restart.step.save': 'Guarde su trabajo.',
  'desk.restart.step.restart': 'Reinicie el equipo.',
  'desk.uptime.why': 'Los equipos que nunca se reinician se vuelven lentos y pierden actualizaciones.',
  'act.restart.title': 'Reiniciar',
  'act.restart.what':
    'El equipo se reinicia en un minuto. Guarde antes su trabajo: los programas abiertos se cerrarán.',
  'act.restart.done': 'El equipo se reinicia en un minuto.',
  'act.turn-on-firewall.title': 'Activar el cortafuegos',
  'act.turn-on-firewall.what':
    'Trayline activa el cortafuegos de este equipo, para todas las redes. Puede detener programas que otros equipos usan en este, como el uso compartido de archivos o de pantalla.',
  'act.turn-on-firewall.done': 'El cortafuegos está activado: la comprobación lo ha confirmado.',
  'act.already-so': 'Ya estaba así. No se ha cambiado nada.',
  'act.did-not-help':
    'Se ha hecho, pero la comprobación sigue encontrando el problema. Quizá lo decida una regla de su organización: pregunte a su soporte.',
  'act.unsure-before':
    'La comprobación no puede decir ahora cómo está. No se ha cambiado nada; inténtelo más tarde.',
  'act.unsure-after':
    'Se ha hecho, pero la comprobación no puede decir si ha servido. Vuelva a comprobar más tarde.',
  'act.not-allowed.rights': 'Trayline no tiene permisos para eso en este equipo. No se ha cambiado nada.',
  'act.not-allowed.organisation':
    'En este equipo lo decide su organización. No se ha cambiado nada: pregunte a su soporte.',
  'act.not-possible': 'Este equipo no tiene ningún programa para eso. No se ha cambiado nada.',
  'act.failed.command-failed': 'No ha funcionado.',
  'act.failed.timeout': 'Ha tardado demasiado y se ha detenido. Vuelva a comprobar más tarde.',
  'act.failed.not-recorded':
    'Todo cambio se anota primero, y el disco de este equipo no acepta nada ahora. No se ha cambiado nada.',
  'act.yes': 'Continuar',
  'act.no': 'Cancelar',
  'assist.basis':
    'Respondo a partir de las comprobaciones de este equipo y los pasos para lo que encontraron. Todavía no sé nada más; para todo lo demás, pregunte a su soporte.',
  'assist.well': 'Las comprobaciones no han encontrado nada que le necesite.',
  'assist.problems':
    'Las comprobaciones han encontrado {count} {count:cosa que le necesita|cosas que le necesitan}.',
  'assist.unknown': 'Las comprobaciones todavía no han respondido.',
  'assist.check': 'Esto es lo último que respondió la comprobación «{check}».',
  'assist.no-problem': 'No ha encontrado nada que le necesite.',
  'assist.nothing': 'No he encontrado nada sobre eso entre las comprobaciones de este equipo.',
  'journal.started': 'Trayline se inició',
  'journal.connected': 'Conectado al recopilador',
  'journal.disconnected': 'Se perdió la conexión con el recopilador',
  'journal.problem-found': 'Encontrado',
  'journal.problem-gone': 'Resuelto',
  'journal.checks-you': 'Usted pidió las comprobaciones',
  'journal.checks-helpdesk': 'El soporte pidió las comprobaciones',
  'journal.viewed': '{name} empezó a mirar este equipo',
  'journal.view-ended': '{name} ya no mira este equipo',
  'journal.consented': 'Usted aceptó un cambio del equipo',
  'journal.declined': 'Usted rechazó un cambio del equipo',
  'journal.help-asked': 'Pidió ayuda a la asistencia',
  'journal.help-withdrawn': 'Retiró una solicitud a la asistencia',
  'journal.help-answered': 'La asistencia respondió a su solicitud',
  'journal.help-answered-by': '{name} respondió a su solicitud',
  'journal.help-closed': 'Se cerró su solicitud a la asistencia',
  'journal.help-closed-by': '{name} cerró su solicitud a la asistencia',
  'tray.state.well': 'Todo está bien',
  'tray.state.attention': '{count} {count:cosa le necesita|cosas le necesitan}',
  'tray.state.will-block': 'Le necesita antes de {when}',
  'tray.state.will-block-undated': 'Le necesita pronto',
  'tray.state.blocked': 'El acceso está bloqueado',
  'tray.state.unknown': 'Aún no se sabe',
  'tray.state.offline': 'Sin conexión',
  'tray.state.no-service': 'El servicio de Trayline no funciona',
  'tray.viewer': '{name} mira este equipo, desde {when}',
  'tray.open': 'Abrir Trayline',
  'tray.check': 'Comprobar ahora',
  'tray.checking': 'Comprobando …',
  'tray.ask': 'Preguntar sobre este equipo',
  'tray.privacy': 'Qué se recopila',
  'tray.snooze': 'Notificaciones',
  'tray.snooze.hour': 'Pausar una hora',
  'tray.snooze.morning': 'Pausar hasta mañana',
  'tray.snooze.off': 'Reanudar (en pausa hasta {when})',
  'tray.quit': 'Salir',
  'notify.problem': 'Su equipo le necesita',
  'notify.soon': 'Solo hasta {when}',
  'notify.today': 'Último día: hasta {when}',
  'notify.blocked': 'El acceso está bloqueado',
  'notify.answer': '{name} respondió a su solicitud',
  'notify.answer.read': 'Haga clic para leer la respuesta.',
} as const;
