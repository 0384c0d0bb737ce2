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
 */
export function checkFindings(findings: Findings): { findings: Findings; refused: RefusedFinding[] } {
  const refused: RefusedFinding[] = [];
  let checked = findings;
  const refuse = (scan: string, finding: Finding, detail: string): void => {
    refused.push({ scan, detail });
    if (checked === findings) checked = { ...findings };
    const { at, ms, hash } = finding;
    checked[scan] = { status: 'failed', reason: 'invalid-value', detail: detail.slice(0, 300), at, ms, hash };
  };
  let count = 0;
  for (const scan in findings) {
    const finding = findings[scan];
    if (finding === undefined) continue;
    count += 1;
    if (count > LIMITS.findings) {
      refuse(scan, finding, `more than ${LIMITS.findings} checks`);
      continue;
    }
    if (finding.status !== 'ok') continue;
    if (isScanId(scan)) {
      const parsed = scanValues[scan].safeParse(finding.value);
      if (parsed.success) {
        // The parsed value: unknown keys of a newer agent are dropped here, not stored.
        finding.value = parsed.data;
      } else {
        const issue = parsed.error.issues[0];
        refuse(scan, finding, `${issue?.path.join('.') || 'value'}: ${issue?.code ?? 'invalid'}`);
      }
    } else if (JSON.stringify(finding.value ?? null).length > LIMITS.findingBytes) {
      refuse(scan, finding, `value above ${LIMITS.findingBytes} bytes`);
    }
  }
  return { findings: checked, refused };
}
