/** What the endpoint's own app says to the person in front of it, in English. Merged into the catalogue by ../en.ts. */
export const endpointEn = {
  // Problems: why they matter and what to do (what they are is said by the score's reasons)
  'desk.firewall.why': 'Without it, other devices on the same network can reach programs on yours.',
  'desk.firewall.step.windows':
    'Open Windows Security, then “Firewall & network protection”, and turn it on for every network.',
  'desk.firewall.step.macos': 'Open System Settings, then “Network” and “Firewall”, and turn it on.',
  'desk.firewall.step.linux':
    'Turn on the firewall of your system (ufw or firewalld), or ask your helpdesk to.',
  'desk.firewall.step.managed':
    'If the switch is greyed out, your organisation manages it: ask your helpdesk.',
  'desk.encryption.why': 'If this device is lost or stolen, whoever finds it can read everything on it.',
  'desk.encryption.step.windows':
    'Open Settings, then “Privacy & security” and “Device encryption” (or “BitLocker”), and turn it on.',
  'desk.encryption.step.macos': 'Open System Settings, then “Privacy & Security”, and turn on FileVault.',
  'desk.encryption.step.linux': 'Ask your helpdesk: on this system a disk is encrypted when it is set up.',
  'desk.encryption.step.resume':
    'Open “Manage BitLocker” and choose “Resume protection”. Often a restart does it, too.',
  'desk.encryption.step.go-on': 'You can go on working meanwhile; leave the device on mains power.',
  'desk.disk.why': 'When the disk is full, programs fail, updates do not install and work can be lost.',
  'desk.disk.step.bin': 'Empty the bin.',
  'desk.disk.step.windows': 'Open Settings, then “System” and “Storage”, and clean up what it recommends.',
  'desk.disk.step.macos':
    'Open System Settings, then “General” and “Storage”, and follow what it recommends.',
  'desk.disk.step.linux': 'Look for large folders in your home folder and delete what you no longer need.',
  'desk.disk.step.downloads': 'Look through your downloads and move large files to your company’s storage.',
  'desk.drive.why': 'A drive that fails takes everything on it with it.',
  'desk.drive.step.save': 'Save your work to your company’s storage today.',
  'desk.drive.step.helpdesk': 'Tell your helpdesk: the drive has to be replaced.',
  'desk.drive.step.watch': 'Tell your helpdesk: the drive should be looked at before it fails.',
  'desk.battery.why': 'On battery the device will not last long and may switch off without a warning.',
  'desk.battery.step.mains': 'Until it is replaced, keep the charger with you.',
  'desk.battery.step.helpdesk': 'Ask your helpdesk for a new battery.',
  'desk.support.why.ended': 'New security holes are no longer closed on this device.',
  'desk.support.why.ending': 'After that day, new security holes are no longer closed on this device.',
  'desk.support.step.windows':
    'Open Settings, then “Windows Update”, and install the newer version if it is offered.',
  'desk.support.step.macos':
    'Open System Settings, then “General” and “Software Update”, and install the newer version if it is offered.',
  'desk.support.step.linux': 'Ask your helpdesk for the upgrade to a newer release.',
  'desk.support.step.helpdesk': 'If none is offered, ask your helpdesk.',
  'desk.restart.why': 'Installed updates protect this device only after a restart.',
  'desk.restart.step.save': 'Save your work.',
  'desk.restart.step.restart': 'Restart the device.',
  'desk.uptime.why': 'Devices that are never restarted become slow and miss updates.',

  // Changes of the device: asked, and what became of them
  'act.restart.title': 'Restart',
  'act.restart.what':
    'The device restarts in one minute. Save your work first: programs that are open will be closed.',
  'act.restart.done': 'The device restarts in one minute.',
  'act.turn-on-firewall.title': 'Turn on the firewall',
  'act.turn-on-firewall.what':
    'Trayline turns this device’s own firewall on, for every network. Programs that other devices reach on this one, such as file or screen sharing, may be stopped by it.',
  'act.turn-on-firewall.done': 'The firewall is on: the check has found it so.',
  'act.already-so': 'It was so already. Nothing was changed.',
  'act.did-not-help':
    'It was done, but the check still finds the problem. A rule of your organisation may decide it: ask your helpdesk.',
  'act.unsure-before':
    'The check cannot tell how things are right now. Nothing was changed; try again later.',
  'act.unsure-after': 'It was done, but the check cannot tell whether it helped. Check again later.',
  'act.not-allowed.rights': 'Trayline has not the rights for that on this device. Nothing was changed.',
  'act.not-allowed.organisation':
    'Your organisation decides this on this device. Nothing was changed: ask your helpdesk.',
  'act.not-possible': 'This device has no program to do that with. Nothing was changed.',
  'act.failed.command-failed': 'That did not work.',
  'act.failed.timeout': 'That took too long and was stopped. Check again later.',
  'act.failed.not-recorded':
    'Every change is written down first, and this device’s disk takes nothing right now. Nothing was changed.',
  'act.yes': 'Go on',
  'act.no': 'Cancel',

  // The assistant, which answers from findings and steps only
  'assist.basis':
    'I answer from this device’s own checks and the steps for what they found. I know nothing else yet; for everything beyond, ask your helpdesk.',
  'assist.well': 'The checks found nothing that needs you.',
  'assist.problems': 'The checks found {count} {count:thing that needs|things that need} you.',
  'assist.unknown': 'The checks have not answered yet.',
  'assist.check': 'This is what the check “{check}” last answered.',
  'assist.no-problem': 'It found nothing that needs you.',
  'assist.nothing': 'I found nothing about that among the checks of this device.',

  // What happened on this device
  'journal.started': 'Trayline was started',
  'journal.connected': 'Connected to the collector',
  'journal.disconnected': 'Connection to the collector lost',
  'journal.problem-found': 'Found',
  'journal.problem-gone': 'Solved',
  'journal.checks-you': 'You asked for the checks to run',
  'journal.checks-helpdesk': 'The helpdesk asked for the checks to run',
  'journal.viewed': '{name} began to look at this device',
  'journal.view-ended': '{name} no longer looks at this device',
  'journal.consented': 'You agreed to a change of the device',
  'journal.declined': 'You declined a change of the device',
  'journal.help-asked': 'You asked IT for help',
  'journal.help-withdrawn': 'You withdrew a request to IT',
  'journal.help-answered': 'IT answered your request',
  'journal.help-answered-by': '{name} answered your request',
  'journal.help-closed': 'Your request to IT was closed',
  'journal.help-closed-by': '{name} closed your request to IT',

  // The icon and its menu
  'tray.state.well': 'All is well',
  'tray.state.attention': '{count} {count:thing needs|things need} you',
  'tray.state.will-block': 'Needs you before {when}',
  'tray.state.will-block-undated': 'Needs you soon',
  'tray.state.blocked': 'Access is blocked',
  'tray.state.unknown': 'Not known yet',
  'tray.state.offline': 'Not connected',
  'tray.state.no-service': 'Trayline’s service is not running',
  'tray.viewer': '{name} is looking at this device, since {when}',
  'tray.open': 'Open Trayline',
  'tray.check': 'Check now',
  'tray.checking': 'Checking …',
  'tray.ask': 'Ask about this device',
  'tray.privacy': 'What is collected',
  'tray.snooze': 'Notifications',
  'tray.snooze.hour': 'Pause for one hour',
  'tray.snooze.morning': 'Pause until tomorrow morning',
  'tray.snooze.off': 'Resume (paused until {when})',
  'tray.quit': 'Quit',

  // Notifications
  'notify.problem': 'Your device needs you',
  'notify.soon': 'Only until {when}',
  'notify.today': 'Last day: until {when}',
  'notify.blocked': 'Access is blocked',
  'notify.answer': '{name} answered your request',
  'notify.answer.read': 'Click to read the answer.',
} as const;
