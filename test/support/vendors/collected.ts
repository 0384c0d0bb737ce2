import type { Session } from '../../../collector/connect/connector.ts';
import { type RunReport, runAccount } from '../../../collector/connect/run.ts';
import type { FieldKey } from '../../../shared/device/device.ts';
import type { Observation } from '../../../shared/device/observation.ts';

/** Everything a run told. */
export interface Collected {
  readonly report: RunReport;
  readonly observations: readonly Observation[];
  readonly gone: readonly string[];
  readonly restarts: readonly string[];
  /** By the vendor's id. */
  readonly of: (vendorId: unknown) => Observation;
}

/** Runs an account and keeps what it told. */
export async function collect(session: Session, since: unknown = null): Promise<Collected> {
  const observations: Observation[] = [];
  const gone: string[] = [];
  const restarts: string[] = [];
  const report = await runAccount(session, since, {
    observation: observation => {
      observations.push(observation);
    },
    gone: id => {
      gone.push(id);
    },
    restart: why => {
      restarts.push(why);
    },
  });
  return {
    report,
    observations,
    gone,
    restarts,
    of: vendorId => {
      const found = observations.findLast(observation => observation.vendorId === vendorId);
      if (found === undefined) throw new Error(`no observation of ${String(vendorId)}`);
      return found;
    },
  };
}

/** Field values alone, unknown as null. */
export function valuesOf(observation: Pick<Observation, 'fields'>): Partial<Record<FieldKey, unknown>> {
  return Object.fromEntries(Object.entries(observation.fields).map(([key, field]) => [key, field.value]));
}
