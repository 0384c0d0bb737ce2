import { isScanId, scanValues } from '../../shared/device/facts.ts';
import type { Finding, Findings } from '../../shared/device/finding.ts';
import { LIMITS } from '../../shared/protocol/limits.ts';

export interface RefusedFinding {
  readonly scan: string;
  /** Where in the value it went wrong, e.g. `volumes.0.freeBytes: too_small`; never the value itself. */
  readonly detail: string;
}

/**
 * Checks each finding's value against its check's schema. One that does not fit is kept as `failed` with reason
 * `invalid-value` (so that the field becomes unknown instead of staying at its last good value) and reported; the others are
 * untouched. A check this build does not know passes as it is, within the size limit.
 *
 * SECURITY: beside the `held` checks of the device there is room for so many that it has `LIMITS.findings` in all; what is
 * above that is left out and told once. A check costs memory for as long as the device is known.
 */
export function checkFindings(
  findings: Findings,
  held: Readonly<Record<string, string>> = {},
): { findings: Findings; refused: RefusedFinding[] } {
  const refused: RefusedFinding[] = [];
  const checked: Findings = {};
  const refuse = (scan: string, finding: Finding, detail: string): void => {
    refused.push({ scan, detail });
    checked[scan] = {
      status: 'failed',
      reason: 'invalid-value',
      detail: detail.slice(0, 300),
      ...stampOf(finding),
    };
  };
  let room = LIMITS.findings;
  for (const _ in held) room -= 1;
  for (const scan in findings) {
    const finding = findings[scan];
    if (finding === undefined) continue;
    if (held[scan] === undefined) {
      room -= 1;
      if (room < 0) {
        if (room === -1) refused.push({ scan, detail: `more than ${LIMITS.findings} checks` });
        continue;
      }
    }
    // Built anew from the members we know: whatever else a newer agent sends is dropped here, not stored.
    const stamp = stampOf(finding);
    if (finding.status !== 'ok') {
      const { status, reason, detail } = finding;
      checked[scan] = { status, reason, ...(detail === undefined ? {} : { detail }), ...stamp };
    } else if (isScanId(scan)) {
      const parsed = scanValues[scan].safeParse(finding.value);
      if (parsed.success) {
        checked[scan] = { status: 'ok', value: parsed.data, ...stamp };
      } else {
        const issue = parsed.error.issues[0];
        refuse(scan, finding, `${issue?.path.join('.') || 'value'}: ${issue?.code ?? 'invalid'}`);
      }
    } else if (JSON.stringify(finding.value ?? null).length > LIMITS.findingBytes) {
      refuse(scan, finding, `value above ${LIMITS.findingBytes} bytes`);
    } else {
      checked[scan] = { status: 'ok', value: finding.value, ...stamp };
    }
  }
  return { findings: checked, refused };
}

type Stamp = Pick<Finding, 'at' | 'ms' | 'cpuMs' | 'slowed' | 'part' | 'hash'>;

/** What a finding says of its own making, without what a newer agent adds. */
function stampOf({ at, ms, cpuMs, slowed, part, hash }: Finding): Stamp {
  const stamp: Stamp = { at, ms, hash };
  if (cpuMs !== undefined) stamp.cpuMs = cpuMs;
  if (slowed !== undefined) stamp.slowed = slowed;
  if (part !== undefined) stamp.part = part;
  return stamp;
}
