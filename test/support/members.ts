import { agentMember, type Member } from '../../collector/merge/member.ts';
import { identity } from './records.ts';

/** A vendor record as the matcher sees it, `source/account/id`, with nothing known of it but what is given. */
export function record(key: string, told: Partial<Member> = {}): Member {
  return {
    key,
    scope: key.slice(0, key.lastIndexOf('/')),
    agent: null,
    kind: 'computer',
    serial: null,
    uuid: null,
    udid: null,
    entraDeviceId: null,
    falconAid: null,
    macs: [],
    hostname: null,
    since: null,
    until: null,
    ...told,
  };
}

/** An agent as the matcher sees it. */
export function agent(id: string, told: Partial<Member> = {}): Member {
  const made = agentMember({ id, identity: identity(), enrolledAt: 0, lastSeen: null });
  return {
    ...made,
    serial: null,
    uuid: null,
    macs: [],
    hostname: id,
    ...told,
  };
}
