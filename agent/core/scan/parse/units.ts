import type { ServiceScan } from '../../../../shared/device/facts-software.ts';
import { lines } from '../decode.ts';

type Service = Omit<ServiceScan['services'][number], 'id'>;

const SUFFIX = /\.(service|socket|timer|target|mount|automount|path|slice|scope|device|swap)$/;

export function unitName(name: string): string {
  return SUFFIX.test(name) ? name : `${name}.service`;
}

/** States of `systemctl show -p UnitFileState` (systemctl(1), is-enabled) by whether they start with the system. */
function startOf(state: string): Service['start'] {
  if (/^(enabled|enabled-runtime|linked|linked-runtime|alias)$/.test(state)) return 'automatic';
  if (/^(disabled|static|indirect|generated)$/.test(state)) return 'manual';
  return /^masked(-runtime)?$/.test(state) ? 'disabled' : null;
}

/**
 * `systemctl show -p LoadState,ActiveState,UnitFileState -- A B`: one block of `Key=value` lines a unit in the order asked, blank lines
 * between. Null when there are not as many blocks as units.
 */
export function parseUnits(text: string, count: number): Service[] | null {
  const blocks = lines(text)
    .join('\n')
    .split(/\n\s*\n/)
    .map(block => block.trim())
    .filter(block => block !== '');
  if (blocks.length !== count) return null;
  return blocks.map(block => {
    const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1]?.trim() ?? '';
    const active = value('ActiveState');
    const loaded = value('LoadState');
    if (loaded === 'not-found') return { installed: false, running: false, start: null, reason: null };
    const running =
      active === 'active' || active === 'reloading' || active === 'refreshing'
        ? true
        : active === 'inactive' || active === 'failed'
          ? false
          : null;
    const installed = loaded === '' || loaded === 'error' || loaded === 'bad-setting' ? null : true;
    return {
      installed,
      running,
      start: startOf(value('UnitFileState')),
      reason:
        running !== null && installed !== null
          ? null
          : active === ''
            ? 'systemd does not say'
            : `${loaded} ${active}`.trim(),
    };
  });
}

/** First-level `state = running` of `launchctl print system/LABEL`; null when it does not say. */
export function parseLaunchctlState(text: string): boolean | null {
  const state = /^\tstate = (\S.*)$/m.exec(lines(text).join('\n'))?.[1];
  if (state === undefined) return null;
  return state === 'running'
    ? true
    : /^(not running|waiting|exited|spawn scheduled)$/.test(state)
      ? false
      : null;
}

/** `launchctl print-disabled system`: `"label" => disabled` (older systems: true). Null where the label is not listed. */
export function parseDisabled(text: string, label: string): boolean | null {
  for (const line of lines(text)) {
    const match = /^\s*"([^"]+)" => (enabled|disabled|true|false)$/.exec(line);
    if (match?.[1] === label) return match[2] === 'disabled' || match[2] === 'true';
  }
  return null;
}
