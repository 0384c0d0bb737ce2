import { chmodSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Problem } from '../../../shared/problem/problem.ts';
import { replaceFile } from '../outbox/durable-file.ts';
import { type DeviceKey, deviceKeyOf, newDeviceKey, privateJwk } from './key.ts';
import { fillIn, isOtherMachine, type MachineMark, machineMark } from './machine.ts';

/** Who this device is to its collector: its key, and what it was told when it was let in. The key never leaves. */
export interface Enrolment {
  readonly publicKey: string;
  /** Null until the collector has let this key in. */
  readonly deviceId: string | null;
  /** The collector this device belongs to, from its first welcome on. */
  readonly collectorId: string | null;
  sign(message: string): string;
  welcomed(deviceId: string, collectorId: string): void;
  /** The collector does not know this key (any more): ask to be let in again with the same one. */
  forgotten(): void;
  /** A new key, as if never enrolled. */
  renew(): void;
}

/** For simulated devices: nothing outlives the process. */
export function memoryEnrolment(key: DeviceKey = newDeviceKey()): Enrolment {
  let current = key;
  let deviceId: string | null = null;
  let collectorId: string | null = null;
  return {
    get publicKey() {
      return current.publicKey;
    },
    get deviceId() {
      return deviceId;
    },
    get collectorId() {
      return collectorId;
    },
    sign: message => current.sign(message),
    welcomed(device, collector) {
      deviceId = device;
      collectorId = collector;
    },
    forgotten() {
      deviceId = null;
    },
    renew() {
      current = newDeviceKey();
      deviceId = null;
      collectorId = null;
    },
  };
}

const identityFile = z.object({
  format: z.literal(1),
  createdAt: z.number(),
  key: privateJwk,
  deviceId: z.string().max(64).nullable(),
  collectorId: z.string().max(64).nullable(),
  machine: machineMark,
});
type IdentityFile = z.infer<typeof identityFile>;

/** How the identity was found: as we left it, not there yet, from another machine, or not readable. */
export type Opened = 'kept' | 'new' | 'cloned' | 'unreadable';

export interface FileEnrolmentOptions {
  readonly folder: string;
  readonly machine: MachineMark;
  /** Milliseconds since 1970. */
  readonly now: number;
}

function writable(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new Problem('data-folder-unwritable', 'the identity cannot be written', { cause: error });
  }
}

/**
 * The identity kept in `identity.json` of the data folder, readable by its owner only. A file that cannot be read or that
 * was made on another machine is moved aside (`identity.json.cloned-<time>`), never deleted, and a new key is made; the
 * caller then starts a new stream and reports why.
 *
 * @throws Problem `data-folder-unwritable`.
 */
export function openEnrolment({ folder, machine, now }: FileEnrolmentOptions): {
  enrolment: Enrolment;
  opened: Opened;
} {
  const path = join(folder, 'identity.json');
  let file: IdentityFile;
  let key: DeviceKey;
  let opened: Opened;

  const save = (): void => writable(() => replaceFile(path, `${JSON.stringify(file, null, 2)}\n`));
  const fresh = (): IdentityFile => {
    key = newDeviceKey();
    return { format: 1, createdAt: now, key: key.jwk, deviceId: null, collectorId: null, machine };
  };

  writable(() => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (process.platform !== 'win32') chmodSync(folder, 0o700);
  });
  let text: string | null = null;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!missing)
      throw new Problem('data-folder-unwritable', 'the identity cannot be read', { cause: error });
  }
  if (text === null) {
    file = fresh();
    opened = 'new';
    save();
  } else {
    try {
      file = identityFile.parse(JSON.parse(text));
      key = deviceKeyOf(file.key);
      opened = isOtherMachine(file.machine, machine) ? 'cloned' : 'kept';
    } catch {
      file = fresh();
      opened = 'unreadable';
    }
    if (opened === 'kept') {
      const filled = fillIn(file.machine, machine);
      if (JSON.stringify(filled) !== JSON.stringify(file.machine)) {
        file = { ...file, machine: filled };
        save();
      }
    } else {
      writable(() => renameSync(path, `${path}.${opened}-${now}`));
      file = fresh();
      save();
    }
  }

  const change = (next: IdentityFile): void => {
    file = next;
    save();
  };
  return {
    opened,
    enrolment: {
      get publicKey() {
        return key.publicKey;
      },
      get deviceId() {
        return file.deviceId;
      },
      get collectorId() {
        return file.collectorId;
      },
      sign: message => key.sign(message),
      welcomed(deviceId, collectorId) {
        if (file.deviceId !== deviceId || file.collectorId !== collectorId) {
          change({ ...file, deviceId, collectorId });
        }
      },
      forgotten() {
        if (file.deviceId !== null) change({ ...file, deviceId: null });
      },
      renew() {
        change(fresh());
      },
    },
  };
}
