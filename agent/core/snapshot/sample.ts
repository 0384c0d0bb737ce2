import { scanValues } from '../../../shared/device/facts.ts';
import type { Finding, Findings } from '../../../shared/device/finding.ts';
import type { SampleRow } from '../../../shared/protocol/samples.ts';

const okValue = (finding: Finding | undefined): unknown =>
  finding?.status === 'ok' ? finding.value : undefined;

const share = (part: number | null, whole: number): number | null =>
  part === null || whole <= 0 ? null : Math.round(Math.min(100, (part / whole) * 100) * 10) / 10;

/** One reading of every live series from the latest findings; null when none of them could be told. */
export function sampleOf(at: number, findings: Findings): SampleRow | null {
  const perf = scanValues.perf.safeParse(okValue(findings.perf)).data;
  const disk = scanValues['disk.free'].safeParse(okValue(findings['disk.free'])).data;
  const battery = scanValues.battery.safeParse(okValue(findings.battery)).data;
  const row: SampleRow = [
    at,
    perf?.cpuPercent ?? null,
    perf === undefined ? null : share(perf.memoryUsedBytes, perf.memoryTotalBytes),
    disk?.volumes.find(volume => volume.system)?.freeBytes ?? null,
    perf?.netRxBytesPerS ?? null,
    perf?.netTxBytesPerS ?? null,
    perf?.diskReadBytesPerS ?? null,
    perf?.diskWriteBytesPerS ?? null,
    battery?.percent ?? null,
  ];
  return row.slice(1).every(reading => reading === null) ? null : row;
}

/**
 * Must costly checks wait because the battery is low? Known to be on battery and below `percent`, yes. On battery with the
 * charge unknown, or below `percent` with the supply unknown, yes too: it may be low, and a laptop comes back to the mains. When
 * neither is known, no: a machine that never tells would otherwise never be asked for its updates and its drives' health.
 */
export function isBatteryLow(findings: Findings, percent: number): boolean {
  const battery = scanValues.battery.safeParse(okValue(findings.battery)).data;
  if (battery === undefined || battery.onAc === true) return false;
  return battery.percent === null ? battery.onAc === false : battery.percent < percent;
}
