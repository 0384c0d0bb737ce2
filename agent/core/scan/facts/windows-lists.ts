import { type Output, type Told, told, unread } from './answer.ts';
import { Bag, objects } from './objects.ts';
import { lines } from './text.ts';

/** Get-Process as JSON or list: names and numbers; owners and command lines stay unread. */
export function readProcesses(output: Output): Told {
  const rows = objects(output);
  const processes = rows?.flatMap(row => {
    const bag = new Bag(row);
    const name = bag.text('Name', 'ProcessName');
    const pid = bag.number('Id', 'ProcessId');
    return name === null || pid === null ? [] : [{ name, pid, started: bag.moment('StartTime') }];
  });
  return processes === undefined || processes.length === 0
    ? unread(output, 'processes')
    : told('processes', { count: processes.length, processes: processes.slice(0, 2000) });
}

/** Installed Store applications as blocks of `NAME: value` lines, names in the language of the system. */
export function readAppx(output: Output): Told {
  const applications: { name: string; version: string | null; publisher: string | null }[] = [];
  for (const block of lines(output.text)
    .join('\n')
    .split(/\n\s*\n/)) {
    const value = (key: string): string | null =>
      new RegExp(`^${key}: (.+)$`, 'm').exec(block)?.[1]?.trim().slice(0, 200) ?? null;
    const name = value('NAME');
    if (name !== null) applications.push({ name, version: value('VERSION'), publisher: value('PUBLISHER') });
  }
  return applications.length === 0
    ? unread(output, 'applications')
    : told('applications', { count: applications.length, applications: applications.slice(0, 2000) });
}
