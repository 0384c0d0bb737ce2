import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { z } from 'zod';
import type {
  ApiToken,
  changePersonResponse,
  newApiTokenResponse,
  newPersonResponse,
  Person,
  Role,
} from '../../../shared/api/schemas.ts';
import { Ago, dateTime } from '../parts/ago.tsx';
import { SecretOnce } from '../parts/dialogs.tsx';
import { TroubleFace, TroubleNote, WaitingLines } from '../parts/face.tsx';
import type { Trouble } from '../source/source.ts';
import { ROLE_NAMES, ROLE_WORDS, useConsole } from '../state/console-state.ts';
import { useStore } from '../state/store.ts';
import { useAnswer } from '../state/use-answer.ts';
import { now } from '../time.ts';

const ROLE_OPTIONS = Object.entries(ROLE_WORDS).map(([value, label]) => ({ value, label }));
const ROLE_SHORT = Object.entries(ROLE_NAMES).map(([value, label]) => ({ value, label }));

interface Once {
  readonly title: string;
  readonly label: string;
  readonly secret: string;
  readonly after: string;
}

/** Who may do what here: people, and programs with tokens. */
export function PeoplePage() {
  const [once, setOnce] = useState<Once | null>(null);
  const people = useAnswer<{ people: Person[] }>('people');
  const tokens = useAnswer<{ tokens: ApiToken[] }>('api-tokens');
  return (
    <div className="page-pad stack-wide">
      <h1>People &amp; tokens</h1>
      <section className="card stack" aria-labelledby="people">
        <h2 id="people">People</h2>
        <NewPerson
          done={made => {
            people.reload();
            setOnce({
              title: `${made.person.name} can sign in`,
              label: `One-time password for ${made.person.user}`,
              secret: made.password,
              after: 'It has to be changed at the first sign-in.',
            });
          }}
        />
        {people.value ? (
          <People people={people.value.people} reload={people.reload} showOnce={setOnce} />
        ) : people.trouble ? (
          <TroubleFace trouble={people.trouble} retry={people.reload} />
        ) : (
          <WaitingLines what="people" />
        )}
      </section>
      <section className="card stack" aria-labelledby="api">
        <h2 id="api">API tokens</h2>
        <p className="quiet">
          For programs. A token carries a role, like a person, and is named in the audit.
        </p>
        <NewApiToken
          done={made => {
            tokens.reload();
            setOnce({
              title: `API token “${made.token.label}” is ready`,
              label: 'Secret',
              secret: made.secret,
              after: 'Send it as “Authorization: Bearer …”.',
            });
          }}
        />
        {tokens.value ? (
          <ApiTokens tokens={tokens.value.tokens} reload={tokens.reload} />
        ) : tokens.trouble ? (
          <TroubleFace trouble={tokens.trouble} retry={tokens.reload} />
        ) : (
          <WaitingLines what="API tokens" lines={3} />
        )}
      </section>
      {once ? (
        <Modal
          opened
          onClose={() => setOnce(null)}
          title={once.title}
          closeOnClickOutside={false}
          closeButtonProps={{ 'aria-label': 'Close' }}
        >
          <div className="stack-wide">
            <p className="note attention">This is the only time it is shown. Copy it now. {once.after}</p>
            <SecretOnce label={once.label} secret={once.secret} />
            <div>
              <Button onClick={() => setOnce(null)}>I have copied it</Button>
            </div>
          </div>
        </Modal>
      ) : null}
    </div>
  );
}

function AddForm({
  children,
  action,
  send,
}: {
  children: ReactNode;
  action: string;
  send: () => Promise<Trouble | null>;
}) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  return (
    <form
      className="form"
      onSubmit={event => {
        event.preventDefault();
        setBusy(true);
        void send().then(problem => {
          setBusy(false);
          setTrouble(problem);
        });
      }}
    >
      <div className="form-row">
        {children}
        <Button type="submit" loading={busy}>
          {action}
        </Button>
      </div>
      {trouble ? <TroubleNote trouble={trouble} /> : null}
    </form>
  );
}

function NewPerson({ done }: { done: (made: z.infer<typeof newPersonResponse>) => void }) {
  const console = useConsole();
  const [user, setUser] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>('helpdesk');
  return (
    <AddForm
      action="Add person"
      send={async () => {
        const answer = await console.request<z.infer<typeof newPersonResponse>>('POST', 'people', {
          user: user.trim(),
          name: name.trim(),
          role,
        });
        if (!answer.ok) return answer.trouble;
        setUser('');
        setName('');
        done(answer.value);
        return null;
      }}
    >
      <TextInput
        label="Name"
        required
        withAsterisk={false}
        maxLength={100}
        value={name}
        onChange={event => setName(event.currentTarget.value)}
      />
      <TextInput
        label="User name"
        required
        withAsterisk={false}
        maxLength={64}
        pattern="[a-zA-Z0-9._@\-]+"
        title="Letters, digits and . _ @ -"
        value={user}
        onChange={event => setUser(event.currentTarget.value)}
      />
      <NativeSelect
        label="Role"
        data={ROLE_OPTIONS}
        value={role}
        onChange={event => setRole(event.currentTarget.value)}
      />
    </AddForm>
  );
}

function personState(person: Person): string {
  if (person.disabled) return 'disabled';
  if (person.lockedUntil !== null && person.lockedUntil > now())
    return `locked until ${dateTime(person.lockedUntil)}`;
  return 'can sign in';
}

function People({
  people,
  reload,
  showOnce,
}: {
  people: readonly Person[];
  reload: () => void;
  showOnce: (once: Once) => void;
}) {
  const console = useConsole();
  const session = useStore(console.session);
  const me = session.is === 'signed-in' ? session.session.user : '';
  const change = async (
    person: Person,
    changes: { role?: string; disabled?: boolean; resetPassword?: true },
    done: string,
    undo?: () => void,
  ) => {
    const answer = await console.request<z.infer<typeof changePersonResponse>>(
      'PATCH',
      `people/${encodeURIComponent(person.user)}`,
      changes,
    );
    if (!answer.ok) return console.notify(`${answer.trouble.title}. ${answer.trouble.next}`, 'trouble');
    reload();
    if (answer.value.password !== null) {
      showOnce({
        title: `New password for ${person.name}`,
        label: `One-time password for ${person.user}`,
        secret: answer.value.password,
        after: 'The old one no longer works; this one has to be changed at the next sign-in.',
      });
    } else console.notify(done, 'done', undo);
  };
  return (
    <div className="table-scroll">
      <table className="table cards">
        <thead>
          <tr>
            <th>Name</th>
            <th>User name</th>
            <th>Role</th>
            <th>State</th>
            <th>Last sign-in</th>
            <th className="end">
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {people.map(person => (
            <tr key={person.user} className={person.disabled ? 'off' : ''}>
              <td data-label="Name" className="strong">
                {person.name}
                {person.user === me ? <span className="quiet"> (you)</span> : null}
              </td>
              <td data-label="User name" className="mono">
                {person.user}
              </td>
              <td data-label="Role">
                {person.user === me ? (
                  ROLE_NAMES[person.role]
                ) : (
                  <NativeSelect
                    aria-label={`Role of ${person.name}`}
                    data={ROLE_SHORT}
                    value={person.role}
                    onChange={event => {
                      const role = event.currentTarget.value;
                      void change(
                        person,
                        { role },
                        `${person.name} is now ${roleName(role)}.`,
                        () =>
                          void change(
                            person,
                            { role: person.role },
                            `${person.name} is ${ROLE_NAMES[person.role]} again.`,
                          ),
                      );
                    }}
                  />
                )}
              </td>
              <td data-label="State">{personState(person)}</td>
              <td data-label="Last sign-in">
                {person.lastSignIn === null ? (
                  'never'
                ) : (
                  <>
                    <Ago at={person.lastSignIn} /> ago
                  </>
                )}
              </td>
              <td data-label="Actions" className="end">
                {person.user === me ? null : (
                  <span className="line" style={{ justifyContent: 'flex-end', flexWrap: 'nowrap' }}>
                    <Button
                      variant="default"
                      onClick={() => void change(person, { resetPassword: true }, '')}
                    >
                      New password
                    </Button>
                    <Button
                      variant="default"
                      onClick={() =>
                        void change(
                          person,
                          { disabled: !person.disabled },
                          person.disabled
                            ? `${person.name} can sign in again.`
                            : `${person.name} cannot sign in any more.`,
                          () => void change(person, { disabled: person.disabled }, 'Undone.'),
                        )
                      }
                    >
                      {person.disabled ? 'Enable' : 'Disable'}
                    </Button>
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function roleName(role: string): string {
  const known: Role | undefined = (['viewer', 'helpdesk', 'approver', 'admin'] as const).find(
    one => one === role,
  );
  return known ? ROLE_NAMES[known] : role;
}

const VALIDITY = [
  { value: '720', label: '30 days' },
  { value: '2160', label: '90 days' },
  { value: '8760', label: '1 year' },
  { value: '', label: 'no end' },
];

function NewApiToken({ done }: { done: (made: z.infer<typeof newApiTokenResponse>) => void }) {
  const console = useConsole();
  const [label, setLabel] = useState('');
  const [role, setRole] = useState('viewer');
  const [hours, setHours] = useState('2160');
  return (
    <AddForm
      action="Create API token"
      send={async () => {
        const answer = await console.request<z.infer<typeof newApiTokenResponse>>('POST', 'api-tokens', {
          label: label.trim(),
          role,
          validHours: hours === '' ? null : Number(hours),
        });
        if (!answer.ok) return answer.trouble;
        setLabel('');
        done(answer.value);
        return null;
      }}
    >
      <TextInput
        label="What it is for"
        required
        withAsterisk={false}
        maxLength={100}
        value={label}
        onChange={event => setLabel(event.currentTarget.value)}
      />
      <NativeSelect
        label="Role"
        data={ROLE_OPTIONS}
        value={role}
        onChange={event => setRole(event.currentTarget.value)}
      />
      <NativeSelect
        label="Valid for"
        data={VALIDITY}
        value={hours}
        onChange={event => setHours(event.currentTarget.value)}
      />
    </AddForm>
  );
}

function ApiTokens({ tokens, reload }: { tokens: readonly ApiToken[]; reload: () => void }) {
  const console = useConsole();
  const [asking, setAsking] = useState<string | null>(null);
  if (tokens.length === 0) return <p className="quiet">No program has a token yet.</p>;
  const revoke = async (token: ApiToken) => {
    const answer = await console.request('POST', `api-tokens/${encodeURIComponent(token.id)}/revoke`);
    setAsking(null);
    if (answer.ok) {
      console.notify(`API token “${token.label}” no longer works.`);
      reload();
    } else console.notify(`${answer.trouble.title}. ${answer.trouble.next}`, 'trouble');
  };
  return (
    <div className="table-scroll">
      <table className="table cards">
        <thead>
          <tr>
            <th>For</th>
            <th>Role</th>
            <th>State</th>
            <th>Ends</th>
            <th>Last used</th>
            <th className="end">
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {tokens.map(token => {
            const state =
              token.revokedAt !== null
                ? 'revoked'
                : token.expiresAt !== null && token.expiresAt <= now()
                  ? 'expired'
                  : 'valid';
            return (
              <tr key={token.id} className={state === 'valid' ? '' : 'off'}>
                <td data-label="For" className="strong">
                  {token.label}
                </td>
                <td data-label="Role">{ROLE_NAMES[token.role]}</td>
                <td data-label="State" className={state === 'valid' ? 'tone-well' : ''}>
                  {state}
                </td>
                <td data-label="Ends" className="num">
                  {token.expiresAt === null ? 'no end' : dateTime(token.expiresAt)}
                </td>
                <td data-label="Last used">
                  {token.lastUsed === null ? (
                    'never'
                  ) : (
                    <>
                      <Ago at={token.lastUsed} /> ago
                    </>
                  )}
                </td>
                <td data-label="Actions" className="end">
                  {state !== 'valid' ? null : asking === token.id ? (
                    <span className="line" style={{ justifyContent: 'flex-end', flexWrap: 'nowrap' }}>
                      <span className="quiet">Cannot be undone.</span>
                      <Button color="red.8" onClick={() => void revoke(token)}>
                        Revoke
                      </Button>
                      <Button variant="default" onClick={() => setAsking(null)}>
                        Keep
                      </Button>
                    </span>
                  ) : (
                    <Button
                      variant="default"
                      aria-label={`Revoke API token ${token.label}`}
                      onClick={() => setAsking(token.id)}
                    >
                      Revoke
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
