import type { ToldCatalogue } from '../tell.ts';

const bug = 'Report it with the trace id; the log has the details.';
const waits = 'Nothing to do: it tries again by itself.';

export const en: ToldCatalogue = {
  'frame-malformed': ['Message not understood', 'A device sent a message that could not be read.', bug],
  'frame-too-large': ['Message too large', 'A message was larger than the limit and was not read.', bug],
  'frame-unsupported': [
    'Unknown kind of message',
    'A message of a kind this version does not know was skipped.',
    'Update the older of the two sides.',
  ],
  'frame-binary': ['Binary message refused', 'A binary message arrived where text is expected.', bug],
  'frame-out-of-turn': [
    'Message out of turn',
    'A message came before or after it was allowed to.',
    'The device reconnects by itself. If it happens again, report it with the trace id.',
  ],
  'frame-too-many-bad': [
    'Too many unreadable messages',
    'The connection was ended because too many of its messages could not be read.',
    'Update the agent. If it happens again, report it with the trace id.',
  ],
  'finding-invalid': [
    'Check result refused',
    'One check’s result does not fit what the check may say; it was not stored. The others were.',
    bug,
  ],
  'sequence-gap': [
    'Messages missing',
    'Some messages of the device did not arrive.',
    'Nothing to do: the device sends them again.',
  ],
  'too-fast': [
    'Too many requests',
    'More came in than is allowed at once.',
    'Wait a few seconds, then try again.',
  ],
  'version-unsupported': [
    'Versions do not match',
    'The two sides speak no common version.',
    'Update the older side; reload this page if it has been open for long.',
  ],
  'greeting-timeout': ['Greeting took too long', 'The device did not say who it is in time.', waits],
  'signature-wrong': [
    'Device could not prove itself',
    'The signature does not match the device’s key.',
    'Enrol the device again if it was restored from a copy.',
  ],
  'device-unknown': [
    'Device not enrolled',
    'This collector does not know the device.',
    'Enrol it with a token, or admit it on the Enrolment page.',
  ],
  'device-revoked': [
    'Device revoked',
    'Somebody revoked this device, so it may not connect.',
    'Restore it on its page if that was a mistake.',
  ],
  'device-duplicated': [
    'Key used twice',
    'Two machines connect with the same key. One is probably a copy of the other.',
    'Enrol one of the two again, so that each has its own key.',
  ],
  'device-superseded': ['Replaced by a newer connection', 'The same device connected again.', waits],
  'token-unknown': [
    'Token unknown',
    'The enrolment token is not one of this collector’s.',
    'Check it for typing errors or create a new one.',
  ],
  'token-expired': [
    'Token expired',
    'The enrolment token’s time is over.',
    'Create a new token on the Enrolment page.',
  ],
  'token-used-up': [
    'Token used up',
    'The enrolment token has let in as many devices as it may.',
    'Create a new token on the Enrolment page.',
  ],
  'token-revoked': [
    'Token revoked',
    'Somebody revoked the enrolment token.',
    'Create a new token on the Enrolment page.',
  ],
  'admission-waiting': [
    'Waiting for admission',
    'The device has asked to be let in.',
    'Compare its fingerprint and admit it on the Enrolment page.',
  ],
  'admission-rejected': [
    'Admission refused',
    'Somebody refused this device.',
    'If that was a mistake, have the device ask again and admit it.',
  ],
  'collector-changed': [
    'Another collector',
    'The device belongs to another collector and does not change over by itself.',
    'Check the collector address, or enrol the device here again.',
  ],
  'collector-busy': ['Collector is busy', 'More devices are connecting than can be greeted at once.', waits],
  'collector-stopping': ['Collector is restarting', 'The collector is shutting down.', waits],
  'store-unavailable': [
    'Storage not available',
    'The collector cannot read or write its data, so nothing was changed.',
    'Try again in a minute. If it stays, check the disk or the database of the collector.',
  ],
  'request-invalid': [
    'Something in the form is not right',
    'The request does not fit what is allowed here.',
    'Check the marked fields and send it again.',
  ],
  'not-found': [
    'Not found',
    'There is nothing at this address, or it is gone.',
    'Go back to the list and choose it there.',
  ],
  'method-not-allowed': [
    'Not possible here',
    'This address does not do what was asked.',
    'Reload the page and try again.',
  ],
  'body-too-large': ['Too much at once', 'The request is larger than allowed.', 'Send less in one go.'],
  'signed-out': ['You are signed out', 'The session has ended or was never there.', 'Sign in to go on.'],
  'sign-in-wrong': [
    'That did not match',
    'User name or password is not right.',
    'Try again, or ask an administrator for a new password.',
  ],
  'sign-in-locked': [
    'Too many tries',
    'Sign-in is locked for a while because of too many wrong passwords.',
    'Wait a few minutes, or ask an administrator for a new password.',
  ],
  'role-missing': [
    'Your role does not allow this',
    'The page or action needs a role you do not have.',
    'Ask an administrator if you need it.',
  ],
  'origin-refused': [
    'Address not allowed',
    'The page was opened from an address the collector does not accept.',
    'Open it at the collector’s own address, or add this one to its settings.',
  ],
  'csrf-refused': [
    'Page is out of date',
    'The request did not carry this session’s mark.',
    'Reload the page and try again.',
  ],
  'password-weak': [
    'Password too weak',
    'The password is too short or too easily guessed.',
    'Choose a longer one; a few unrelated words are good.',
  ],
  'password-change-needed': [
    'Choose your own password',
    'The password you have was given to you by somebody else.',
    'Set your own to go on.',
  ],
  conflict: [
    'Somebody was faster',
    'It has changed since this page showed it, or it exists already.',
    'Reload to see how it is now, then try again.',
  ],
  'device-offline': [
    'Device is not connected',
    'The device cannot be asked while it is offline.',
    'Try again when it shows as live.',
  ],
  'settings-invalid': [
    'Settings not valid',
    'At least one setting has a value that is not allowed.',
    'Correct the named settings and start again.',
  ],
  'data-folder-unwritable': [
    'Data folder not writable',
    'The data folder cannot be written to.',
    'Give the account write access or choose another folder.',
  ],
  'data-folder-in-use': [
    'Data folder in use',
    'Another process is using this data folder.',
    'Stop the other one or choose another folder.',
  ],
  'store-newer': [
    'Data is from a newer version',
    'A newer version has written this data.',
    'Start that version or a later one; restore a backup to go back.',
  ],
  'store-denied': [
    'Database refused us',
    'The database does not let the collector in, or not do what it must.',
    'Check user, password and rights in TRAYLINE_STORE; readWrite and dbAdmin on its database are enough.',
  ],
  'store-unsuitable': [
    'Database not suitable',
    'The database is too old or not a replica set, so it could not keep what it is given.',
    'Use MongoDB 6.0 or later as a replica set; one member will do.',
  ],
  'tls-required': [
    'Encryption is required',
    'The collector would listen beyond this machine without TLS.',
    'Set a certificate and key, or listen on the local address only.',
  ],
  'address-in-use': [
    'Address in use',
    'Another program already listens at this address.',
    'Stop the other program or choose another port.',
  ],
  'scan-over-budget': [
    'A check costs too much',
    "A check takes more of this device's processor than its settings allow and runs less often.",
    'Raise the budget for checks if that is too seldom, or look for why the device is slow.',
  ],
  'outbox-damaged': [
    'Outbox was damaged',
    'Stored messages could not be read, probably after a power loss. What was readable was kept.',
    'Nothing to do: the device sends its whole state again.',
  ],
  'identity-unreadable': [
    'Device key not readable',
    'The device’s key is damaged or was copied from another machine.',
    'Enrol the device again.',
  ],
  'service-already-running': [
    'Already running',
    'The agent is already running on this device.',
    'Use the running one, or stop it first.',
  ],
  'vendor-unreachable': [
    'System not reachable',
    'The connected system did not answer.',
    'Check its address, the network and the proxy. It is tried again by itself.',
  ],
  'vendor-credentials': [
    'Credentials refused',
    'The connected system does not accept the credentials.',
    'Enter new ones on the Integrations page and choose Reconnect.',
  ],
  'vendor-permission': [
    'Permission missing',
    'The connected system accepts the credentials but does not allow this.',
    'Grant the permissions shown on the Integrations page, then choose Reconnect.',
  ],
  'vendor-throttled': [
    'System asks to slow down',
    'The connected system takes no more requests for now.',
    'Nothing to do: it goes on when the system allows it.',
  ],
  'vendor-refused': [
    'Request refused',
    'The connected system did not accept a request.',
    'Check the connector’s settings. If they are right, report it with the trace id.',
  ],
  'vendor-not-found': [
    'Not known there',
    'The connected system knows nothing under this name.',
    'Check the connector’s settings, or read the system anew.',
  ],
  'vendor-failed': [
    'System has an error',
    'The connected system ran into an error of its own.',
    'Nothing to do: it is tried again. If it stays, ask that system’s maker.',
  ],
  'vendor-answer': [
    'Answer not understood',
    'The connected system’s answer could not be read.',
    'Check the address: a sign-in page or a proxy may have answered instead.',
  ],
  'vendor-redirect': [
    'Led elsewhere',
    'The connected system pointed to another host; nothing was sent there.',
    'If the system has moved, enter its new address on the Integrations page.',
  ],
  'secret-unreadable': [
    'Stored secret not readable',
    'A stored secret does not fit the key of this collector.',
    'Restore the key file that belongs to the data, or enter the secret again.',
  ],
  'sender-refused': [
    'Not asked by Trayline',
    'Something that is not Trayline’s own window asked for something and was refused.',
    'Nothing to do. If it happens again, tell your helpdesk.',
  ],
  'link-refused': [
    'Address not on the list',
    'Trayline opens only addresses it knows.',
    'Open the address in your browser yourself if you trust it.',
  ],
  'consent-missing': [
    'Not agreed to',
    'A change of the device needs the agreement of the person in front of it; there is none, or it is over.',
    'Ask for it again and agree within two minutes.',
  ],
  'help-too-many': [
    'Too many requests at once',
    'Requests of this device are waiting for IT already, as many as are taken at once, or many were made today.',
    'Wait for an answer, or withdraw one that is no longer needed. For something urgent call your helpdesk.',
  ],
  'help-over': [
    'Too late to withdraw',
    'IT has answered or closed this request already.',
    'There is nothing to do. Make a new request if you need something else.',
  ],
  'service-unreachable': [
    'Trayline’s service does not answer',
    'The part of Trayline that checks this device is not running or does not answer.',
    'It is tried again by itself. If it stays, restart the device or tell your helpdesk.',
  ],
  internal: [
    'Something went wrong',
    'The collector ran into an error it did not expect.',
    'Try again. If it stays, report it with the trace id.',
  ],
};
