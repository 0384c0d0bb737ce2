import { COLLECTOR_SETTINGS } from '../../../shared/device/agent-settings.ts';
import { pathStyle } from '../../../shared/device/subjects.ts';

/** As much of a schema's issue as its words need. */
export interface Issue {
  readonly code: string;
  readonly message: string;
  readonly maximum?: unknown;
}

/** What is wrong with one field and how to put it right. `address` is the field's place: `subjects.files.0.path`. */
export function problemWords(issue: Issue, address: string, typed: string): string {
  const parts = address.split('.');
  const field = parts.at(-1) ?? '';
  if (parts[0] === 'values') {
    const bounds = Object.entries(COLLECTOR_SETTINGS).find(([key]) => key === field)?.[1];
    if (bounds !== undefined) return `A whole number from ${bounds.min} to ${bounds.max}.`;
  }
  if (parts[0] === 'osSupport') return 'The table is damaged. Choose the file again.';
  if (parts.length === 2) return 'This list is too long.';
  if (typed === '') return 'Fill this in.';
  if (issue.code === 'too_big') return `Too long: ${String(issue.maximum)} characters at most.`;
  if (field === 'id')
    return 'Small letters, digits and hyphens only, beginning with a letter or digit; 32 at most.';
  if (field === 'path' && issue.message.startsWith('must be absolute')) return pathWords(typed);
  if (issue.message.includes('where secrets are kept'))
    return 'Secrets are kept there. Agents never look at this place, whoever asks.';
  if (issue.message === 'is named like a secret')
    return 'A value of this name may hold a secret. Its text is never read; a number may be.';
  if (issue.message === 'is a path of another system') return 'This path is not one of the chosen system.';
  return `This ${issue.message}.`;
}

/** Why a path is not taken, most telling first. The schema has refused it; this only finds the words. */
function pathWords(path: string): string {
  if (path.startsWith('\\\\'))
    return 'Network and device paths are not looked at. Give a path on the device itself.';
  if (path.includes('%'))
    return 'Variables such as %ProgramFiles% are not filled in. Write the folder out: C:\\Program Files\\…';
  if (path.startsWith('~'))
    return 'A home folder belongs to one person. Write the whole path, from the drive or from /.';
  if (!/^([A-Za-z]:\\|\/)/.test(path)) {
    return /^[A-Za-z]:/.test(path)
      ? 'Write \\ after the drive and between folders: C:\\Program Files\\…'
      : 'Write the whole path, from the drive or from /.';
  }
  if (/[*?]/.test(path)) return 'Wildcards are not looked up. Name one file.';
  const names = path.split(/[\\/]/);
  if (names.includes('..') || names.includes('.')) return 'Write the path without . and .. in it.';
  if (/~\d/.test(path)) return 'Short names such as PROGRA~1 differ between devices. Write the long name.';
  if (/[\\/]$/.test(path) && pathStyle(path.slice(0, -1)) !== null)
    return 'Leave out the \\ or / at the end.';
  return 'Not a path that can be looked at: an empty, reserved or forbidden name is in it.';
}
