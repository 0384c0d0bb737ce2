import { z } from 'zod';
import type { DiskHealth } from '../../../../shared/device/facts.ts';
import { type Answer, answered, unanswered } from '../answer.ts';
import { decode } from '../decode.ts';

type Disk = DiskHealth['disks'][number];
export type SmartReading = Pick<
  Disk,
  'health' | 'wearPercent' | 'temperatureC' | 'mediaErrors' | 'reallocatedSectors' | 'powerOnHours' | 'reason'
>;

const count = z.number().nonnegative().optional().catch(undefined);
const report = z.object({
  smartctl: z
    .object({
      exit_status: z.number().optional(),
      messages: z
        .array(z.object({ string: z.string() }))
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
  smart_status: z.object({ passed: z.boolean() }).optional().catch(undefined),
  temperature: z.object({ current: z.number() }).optional().catch(undefined),
  power_on_time: z.object({ hours: z.number().nonnegative() }).optional().catch(undefined),
  endurance_used: z.object({ current_percent: z.number().nonnegative() }).optional().catch(undefined),
  nvme_smart_health_information_log: z
    .object({ critical_warning: count, percentage_used: count, media_errors: count, power_on_hours: count })
    .optional()
    .catch(undefined),
  ata_smart_attributes: z
    .object({
      table: z.array(z.object({ id: z.number(), raw: z.object({ value: z.number().nonnegative() }) })),
    })
    .optional()
    .catch(undefined),
});

/** NVMe critical warning bits (NVM Express base specification, SMART / Health log): reliability degraded, read only. */
const NVME_BROKEN = 0b0000_1100;

function within(value: number | undefined, low: number, high: number): number | null {
  return value !== undefined && value >= low && value <= high ? value : null;
}

/**
 * `smartctl -a -j DEVICE`. The exit code is a bit field about the drive and says nothing that the report does not; a
 * report without the drive's own verdict gives `unknown` with the reason, whatever its counters say.
 */
export function parseSmartctl(stdout: Uint8Array): Answer<SmartReading> {
  if (stdout.length === 0) return unanswered('no-output');
  let json: unknown;
  try {
    json = JSON.parse(decode(stdout));
  } catch {
    return unanswered('parse-error', 'smartctl: not JSON');
  }
  const checked = report.safeParse(json);
  if (!checked.success) return unanswered('parse-error', 'smartctl: not a report');
  const told = checked.data;
  const said = told.smartctl?.messages?.map(one => one.string).join(' ') ?? '';
  if (/permission denied|operation not permitted/i.test(said)) return unanswered('not-permitted');

  const nvme = told.nvme_smart_health_information_log;
  const attribute = (id: number): number | undefined =>
    told.ata_smart_attributes?.table.find(one => one.id === id)?.raw.value;
  const warning = nvme?.critical_warning ?? 0;
  const passed = told.smart_status?.passed;
  let health: Disk['health'] = 'unknown';
  if (passed === false || (warning & NVME_BROKEN) !== 0) health = 'unhealthy';
  else if (warning !== 0) health = 'warning';
  else if (passed === true) health = 'healthy';
  return answered({
    health,
    wearPercent: within(nvme?.percentage_used ?? told.endurance_used?.current_percent, 0, 255),
    temperatureC: within(told.temperature?.current, -60, 200),
    // 187: reported uncorrectable errors.
    mediaErrors: nvme?.media_errors ?? attribute(187) ?? null,
    reallocatedSectors: attribute(5) ?? null,
    powerOnHours: told.power_on_time?.hours ?? nvme?.power_on_hours ?? null,
    reason: health === 'unknown' ? 'the drive gives no verdict' : null,
  });
}
