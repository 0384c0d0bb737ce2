import type { CollectorResponse, DeviceResponse, FleetRow } from '../../shared/api/schemas.ts';
import type { ProblemCode } from '../../shared/problem/codes.ts';

/*
 * The living fleet as the faces of the collector (HTTP routes, console socket) see it: read it, ask a connected device for
 * something. What stands behind it (hot state, device sockets) is wired in collector.ts.
 */
export interface Fleet {
  /** Every device that is not revoked, in no promised order. */
  rows(): Iterable<FleetRow>;
  row(id: string): FleetRow | null;
  /** The whole record of a device; null when unknown. Revoked devices are still readable. */
  detail(id: string): Promise<DeviceResponse | null>;
  status(): CollectorResponse;
  /**
   * Asks a connected device to run checks now; `sent` false when it is not connected. Rejects with `collector-busy` when
   * another collector has it and does not answer.
   */
  requestScan(
    id: string,
    scans: readonly string[] | undefined,
  ): Promise<{ readonly id: string; readonly sent: boolean }>;
  /** Ends a device's connection with a code, e.g. after revoking it; its row leaves the fleet. */
  dropDevice(id: string, code: ProblemCode): void;
  /** A device was added or restored outside the device socket. */
  reloadDevice(id: string): Promise<void>;
  /** Devices were added, revoked or restored at another collector. */
  changedElsewhere(ids: readonly string[]): Promise<void>;
  /** How many devices wait for admission has changed. */
  waitingChanged(): Promise<void>;
}
