import { type Answer, answered } from '../answer.ts';
import { dconfLocks, dconfValues, systemDatabases } from '../parse/security-linux.ts';
import type { Probe } from '../probe.ts';

/** Does a GNOME session run (the sign-in screen of gdm is one, too)? */
export async function gnomeRuns(probe: Probe): Promise<Answer<boolean>> {
  const names = await probe.list('/proc');
  if (!names.ok) return names;
  for (const name of names.value) {
    if (!/^\d+$/.test(name)) continue;
    const comm = await probe.readFile(`/proc/${name}/comm`);
    if (comm.ok && comm.value.trim() === 'gnome-shell') return answered(true);
  }
  return answered(false);
}

/**
 * Settings an administrator has locked for everybody: key files and `locks` below /etc/dconf/db/NAME.d of the databases that
 * /etc/dconf/profile/user names (GNOME System Administration Guide, "Lock down specific settings"). Values by path, `/org/gnome/...`.
 */
export async function enforcedByDconf(probe: Probe): Promise<Answer<ReadonlyMap<string, string>>> {
  const profile = await probe.readFile('/etc/dconf/profile/user');
  if (!profile.ok) return profile.reason === 'not-present' ? answered(new Map()) : profile;
  const enforced = new Map<string, string>();
  for (const name of systemDatabases(profile.value)) {
    const folder = `/etc/dconf/db/${name}.d`;
    const [files, locks] = await Promise.all([probe.list(folder), probe.list(`${folder}/locks`)]);
    if (!files.ok || !locks.ok) continue;
    const texts = async (base: string, names: readonly string[]): Promise<string[]> => {
      const found: string[] = [];
      for (const one of [...names].sort()) {
        const file = one === 'locks' ? null : await probe.readFile(`${base}/${one}`);
        if (file?.ok === true) found.push(file.value);
      }
      return found;
    };
    const values = dconfValues(await texts(folder, files.value));
    for (const path of dconfLocks(await texts(`${folder}/locks`, locks.value))) {
      const value = values.get(path);
      if (value !== undefined && !enforced.has(path)) enforced.set(path, value);
    }
  }
  return answered(enforced);
}
