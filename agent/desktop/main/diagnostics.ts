import { redact } from '../../../shared/base/redact.ts';
import type { About, AppInfo, Home } from '../contract.ts';

/** What a helpdesk asks for, as text for a ticket. Values of settings that name people or places stay; secrets are not in it. */
export function diagnosticsText(info: AppInfo, about: About | null, home: Home | null, now: number): string {
  const at = (time: number | null): string => (time === null ? '-' : new Date(time).toISOString());
  const lines = [
    `Trayline diagnostics, ${at(now)}`,
    `app       ${info.version}, Electron ${info.electron}, Chromium ${info.chromium}, Node ${info.node}`,
    `service   ${info.service}${about === null ? '' : `, ${about.agent.version} on ${about.agent.runtime}, since ${at(about.agent.startedAt)}`}`,
  ];
  if (about !== null) {
    const { connection } = about;
    lines.push(
      `device    ${about.device.id ?? 'not enrolled'}, key ${about.device.keyFingerprint}`,
      `collector ${about.collector}`,
      `link      ${connection.state}${connection.code === null ? '' : ` (${connection.code})`} since ${at(connection.since)}, last stored ${at(connection.storedAt)}`,
      `clock     ${about.clockSkewMs === null ? 'offset not known' : `${Math.round(about.clockSkewMs)} ms from the collector's`}`,
      ...about.settings.map(
        ({ key, value, isSet, layer }) =>
          `setting   ${key} = ${value ?? (isSet ? '(hidden)' : '-')} (${layer})`,
      ),
      ...about.trouble.map(({ code, at: when }) => `trouble   ${code}, ${at(when)}`),
    );
  }
  if (home !== null) {
    const score = home.score.known ? String(home.score.value) : home.score.why;
    lines.push(`state     ${home.state}, score ${score}, problems: ${home.problems.join(', ') || 'none'}`);
  }
  return `${redact(lines.join('\n'))}\n`;
}
