import type { OsVersion } from '../../../../shared/device/facts.ts';
import { parseAssignments, shortText } from './keys.ts';

/**
 * /etc/os-release (os-release(5)) as the system's name and version; null when it does not say which system it is.
 * Debian leaves the point release out of it; /etc/debian_version has it (`12.11`, or `trixie/sid` before a release).
 */
export function parseOsRelease(
  text: string,
  {
    kernel,
    debianVersion,
    arch,
  }: { kernel: string | null; debianVersion: string | null; arch: string | null },
): OsVersion | null {
  const values = parseAssignments(text);
  const id = shortText(values.get('ID'));
  if (id === null) return null;
  const versionId = shortText(values.get('VERSION_ID'));
  const point = debianVersion?.trim() ?? '';
  const exact =
    id === 'debian' && versionId !== null && /^\d+(\.\d+)+$/.test(point) && point.startsWith(`${versionId}.`);
  return {
    platform: 'linux',
    name: shortText(values.get('PRETTY_NAME')) ?? shortText(values.get('NAME')) ?? id,
    version: exact ? point : (versionId ?? 'rolling'),
    build: shortText(kernel),
    ubr: null,
    displayVersion: shortText(values.get('VERSION_CODENAME')),
    edition: id,
    arch,
    isServer: values.get('VARIANT_ID') === 'server' ? true : null,
    isLtsc: null,
  };
}
