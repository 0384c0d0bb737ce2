import type { AgentSettingsResponse } from '../../../shared/api/schemas.ts';
import { DAY, MINUTE, SECOND } from '../../../shared/base/durations.ts';
import {
  type AgentSettings,
  agentSettings,
  NO_AGENT_SETTINGS,
} from '../../../shared/device/agent-settings.ts';
import { OS_SUPPORT } from '../../../shared/device/os-support-table.ts';
import type { Answer, Request, Trouble } from '../source/source.ts';
import { now } from '../time.ts';

const INVENTED: AgentSettings = {
  values: { sampleSeconds: 30, heavyHours: 12 },
  subjects: {
    files: [
      {
        id: 'vpn-client',
        path: 'C:\\Program Files\\Contoso VPN\\client.exe',
        hash: 'sha256',
        platform: 'windows',
      },
      { id: 'vpn-client-mac', path: '/Applications/Contoso VPN.app', platform: 'macos' },
    ],
    processes: [
      { id: 'citrix-session', name: 'wfica32.exe' },
      {
        id: 'backup',
        name: 'contoso-backup',
        path: '/opt/contoso/backup/contoso-backup',
        platform: 'linux',
      },
    ],
    services: [{ id: 'spooler', name: 'Spooler', platform: 'windows' }],
    registry: [
      {
        id: 'uac',
        key: 'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System',
        name: 'EnableLUA',
        view: 64,
        kind: 'numeric',
        platform: 'windows',
      },
    ],
    certificates: [{ id: 'device-ca', issuer: 'CN=Contoso Device CA, O=Contoso' }],
    apps: [],
  },
  osSupport: null,
};

const said = (
  code: string,
  title: string,
  what: string,
  next: string,
  fields: readonly string[] = [],
): Trouble => ({
  code,
  title,
  what,
  next,
  trace: '7f3c9a12d0b4',
  fields,
});

/** What agents of an invented company are told; the first save may meet what the scene wants. */
export class AgentSettingsScene {
  #settings: AgentSettings;
  #changed: { at: number; by: string } | null;
  #saves = 0;
  #meets: 'conflict' | 'refused' | 'error' | null;
  #savedAt: number | null = null;

  constructor(full: boolean, meets: 'conflict' | 'refused' | 'error' | null) {
    this.#settings = full ? INVENTED : NO_AGENT_SETTINGS;
    this.#changed = full ? { at: now() - 3 * DAY, by: 'sam' } : null;
    this.#meets = meets;
  }

  answer(request: Request, live: number): Answer<unknown> {
    if (request.method === 'GET') return { ok: true, value: this.#response(live) };
    const meets = this.#meets;
    this.#meets = null;
    if (meets === 'error') {
      return refuse(
        said(
          'store-unavailable',
          'Storage not available',
          'The collector cannot read or write its data, so nothing was changed.',
          'Try again in a minute. If it stays, check the disk or the database of the collector.',
        ),
      );
    }
    if (meets === 'refused') {
      return refuse(
        said(
          'request-invalid',
          'The request was not understood',
          'Something in it is missing or not as it should be.',
          'Correct the marked fields and try again.',
          ['body.settings.subjects.files.0.path'],
        ),
      );
    }
    if (meets === 'conflict') {
      // Ines has set the same value and one row of her own a minute ago.
      this.#settings = {
        ...this.#settings,
        values: { ...this.#settings.values, sampleSeconds: 45 },
        subjects:
          this.#settings.subjects === null
            ? null
            : {
                ...this.#settings.subjects,
                apps: [{ id: 'office', name: 'Contoso Office*', publisher: 'Contoso*' }],
              },
      };
      this.#saves += 1;
      this.#changed = { at: now() - MINUTE, by: 'ines' };
    }
    const body: unknown = request.body;
    const replaces: unknown = Object.getOwnPropertyDescriptor(body ?? {}, 'replaces')?.value;
    if (replaces !== this.#hash()) {
      return refuse(
        said(
          'conflict',
          'Somebody was faster',
          'It has changed since this page showed it, or it exists already.',
          'Reload to see how it is now, then try again.',
        ),
      );
    }
    this.#settings = agentSettings.parse(Object.getOwnPropertyDescriptor(body ?? {}, 'settings')?.value);
    this.#saves += 1;
    this.#changed = { at: now(), by: 'sam' };
    this.#savedAt = now();
    return { ok: true, value: this.#response(live) };
  }

  #hash(): string | null {
    return this.#changed === null ? null : `5ce0000000000${String(this.#saves).padStart(3, '0')}`;
  }

  #response(live: number): AgentSettingsResponse {
    // After a save they answer within a few seconds; three are slow.
    const late = this.#savedAt !== null && now() - this.#savedAt < 4 * SECOND ? Math.ceil(live / 3) : 3;
    const set = this.#changed !== null && live > 0;
    return {
      settings: this.#settings,
      hash: this.#hash(),
      changedAt: this.#changed?.at ?? null,
      changedBy: this.#changed?.by ?? null,
      shippedOsSupportAsOf: OS_SUPPORT.asOf,
      delivery: { connected: live, holding: set ? live - late : live, refusing: set ? 1 : 0 },
    };
  }
}

function refuse(trouble: Trouble): Answer<unknown> {
  return { ok: false, trouble };
}
