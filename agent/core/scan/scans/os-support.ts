import { lookUpSupport } from '../../../../shared/device/os-support-table.ts';
import { noValue } from '../answer.ts';
import { defineScan } from '../scan.ts';
import { readOsVersion } from './os-version.ts';

/** Day of a moment as the support table counts them (UTC). */
function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

export function osSupportScan() {
  return defineScan({
    id: 'os.support',
    timeoutMs: 15_000,
    async run(context) {
      const version = await readOsVersion(context);
      if (!version.ok) return noValue(version);
      const answer = lookUpSupport(version.value, day(context.clock.now()), context.osSupport);
      return answer.known
        ? { status: 'ok', value: answer.support }
        : { status: 'unsupported', reason: answer.reason, detail: answer.detail };
    },
  });
}
