import type { FleetRow } from '../../../shared/api/schemas.ts';

/** A well device; tests say only what matters to them. */
export function someRow(changes: Partial<FleetRow> = {}): FleetRow {
  return {
    id: 'd1',
    name: 'ENG-LT-0001',
    person: 'B. Albers',
    platform: 'windows',
    os: 'Windows 11 Enterprise 24H2',
    osVersion: '10.0.26100.4061',
    osSupported: true,
    osSupportEnd: '2027-10-12',
    model: 'Latitude 7440',
    state: 'well',
    why: null,
    score: 90,
    week: [90, 90, 90, 90, 90, 90, 90],
    presence: 'live',
    lastSeen: 1_763_599_990_000,
    diskFreeBytes: 200 * 1024 ** 3,
    diskFreePercent: 40,
    batteryPercent: 80,
    batteryHealthPercent: 95,
    batteryPresent: true,
    cpuPercent: 5,
    memoryUsedPercent: 50,
    uptimeSeconds: 3600,
    encryption: 'on',
    firewall: true,
    rebootPending: false,
    duplicate: false,
    demo: false,
    ...changes,
  };
}
