import { Button, NativeSelect, TextInput } from '@mantine/core';
import { IconGripVertical, IconSearch } from '@tabler/icons-react';
import {
  memo,
  useCallback,
  useDeferredValue,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type {
  IntegrationsResponse,
  PrecedencePreviewResponse,
  PrecedenceResponse,
} from '../../../shared/api/integrations.ts';
import { shortDuration } from '../../../shared/base/durations.ts';
import { FIELD_KEYS, type FieldKey, type Source } from '../../../shared/device/device.ts';
import { FACT_GROUPS, FACTS, SOURCE_NAMES } from '../device/facts.ts';
import { Ago } from '../parts/ago.tsx';
import { Face, TroubleFace, TroubleNote, WaitingLines } from '../parts/face.tsx';
import { count } from '../parts/format.ts';
import { Link } from '../parts/link.tsx';
import type { Trouble } from '../source/source.ts';
import { useConsole } from '../state/console-state.ts';
import { usePlace } from '../state/place.ts';
import { useAnswer } from '../state/use-answer.ts';
import {
  ageChoices,
  ageIn,
  ageOf,
  ageText,
  changedIn,
  type Draft,
  draftOf,
  isSaid,
  orderIn,
  placed,
  stepped,
  withAge,
  withOrder,
  withoutField,
} from './believed.ts';
import { plural } from './words.ts';

const PATH = 'precedence';
/** A preview goes through the whole fleet: it is asked for when somebody has stopped moving things for so long. */
const PREVIEW_AFTER_MS = 400;

/** Every fact by its group; those that stand in none come last. */
const GROUPS: readonly { readonly title: string; readonly keys: readonly FieldKey[] }[] = [
  ...FACT_GROUPS,
  {
    title: 'Other',
    keys: FIELD_KEYS.filter(key => !FACT_GROUPS.some(({ keys }) => keys.includes(key))),
  },
];
const FIELDS = GROUPS.flatMap(({ keys }) => keys);

/** When systems disagree, who is believed, and for how long? */
export function BelievedPage() {
  const asked = useAnswer<PrecedenceResponse>(PATH);
  useEffect(() => {
    document.title = 'Who is believed · Trayline';
  }, []);
  return (
    <div className="page-pad stack-wide believed">
      <div className="stack" style={{ gap: 4 }}>
        <p className="small">
          <Link to="/integrations">Integrations</Link>
        </p>
        <h1>Who is believed</h1>
      </div>
      {asked.value === null ? (
        asked.trouble ? (
          <TroubleFace trouble={asked.trouble} retry={asked.reload} />
        ) : (
          <section className="card">
            <WaitingLines what="who is believed" lines={10} />
          </section>
        )
      ) : (
        <Editor key={asked.value.hash} kept={asked.value} reload={asked.reload} />
      )}
    </div>
  );
}

function Editor({ kept, reload }: { kept: PrecedenceResponse; reload: () => void }) {
  const console = useConsole();
  const { params, setParams } = usePlace();
  const integrations = useAnswer<IntegrationsResponse>('integrations').value;
  const before = useMemo(() => draftOf(kept), [kept]);
  const [draft, setDraft] = useState<Draft>(before);
  const [saving, setSaving] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [said, setSaid] = useState('');
  const may = console.may('admin');
  const text = params.get('q') ?? '';
  const wanted = useDeferredValue(text).trim().toLowerCase();
  const isOnlySaid = params.get('only') === 'changed';
  const opened = params.get('fact');
  const open = useCallback((field: FieldKey | null) => setParams({ fact: field }), [setParams]);
  const changed = useMemo(() => changedIn(draft, kept, FIELDS), [draft, kept]);
  const spoken = useMemo(
    () =>
      new Set(
        (integrations?.integrations ?? []).flatMap(({ source, accounts }) =>
          source !== null && accounts.length > 0 ? [source] : [],
        ),
      ),
    [integrations],
  );
  const isDirty = changed.length > 0;
  useEffect(() => {
    if (!isDirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isDirty]);

  const setOrder = useCallback(
    (field: FieldKey, order: readonly Source[]) => setDraft(old => withOrder(old, kept, field, order)),
    [kept],
  );
  const setAge = useCallback(
    (field: FieldKey, ageMs: number | null) => setDraft(old => withAge(old, kept, field, ageMs)),
    [kept],
  );
  const reset = useCallback((field: FieldKey) => setDraft(old => withoutField(old, field)), []);

  const save = async (next: Draft, replaces: string | null): Promise<PrecedenceResponse | null> => {
    setSaving(true);
    const answer = await console.request<PrecedenceResponse>('PUT', PATH, { ...next, replaces });
    setSaving(false);
    setTrouble(answer.ok ? null : answer.trouble);
    return answer.ok ? answer.value : null;
  };
  const tell = async () => {
    const now = await save(draft, kept.hash);
    if (now === null) return;
    console.notify('Saved. Every device is merged by it now.', 'done', () => {
      void console.request('PUT', PATH, { ...before, replaces: now.hash }).then(answer => {
        console.notify(
          answer.ok ? 'It is as it was before.' : 'Could not be undone: look at what the page says now.',
          answer.ok ? 'done' : 'trouble',
        );
        reload();
      });
    });
    reload();
  };

  const groups = GROUPS.map(({ title, keys }) => ({
    title,
    keys: keys.filter(
      key =>
        (!isOnlySaid || isSaid(draft, key) || changed.includes(key)) &&
        (wanted === '' || `${FACTS[key].label} ${key} ${title}`.toLowerCase().includes(wanted)),
    ),
  })).filter(({ keys }) => keys.length > 0);
  const saidCount = FIELDS.filter(key => isSaid(before, key)).length;
  return (
    <>
      <section className="card stack" aria-label="In short">
        <p className="lead">
          {saidCount === 0
            ? 'Everything goes by default: what a device sees of itself is believed first, who owns it is the directory’s to say.'
            : `${plural(saidCount, 'fact')} ${saidCount === 1 ? 'goes' : 'go'} by your word, the others by default.`}
        </p>
        <p className="quiet">
          The first that knows a value is believed; what the others say stays beside it as it is. A value
          older than its age counts as not known.{' '}
          {kept.changedAt === null ? null : (
            <>
              Last changed by {kept.changedBy ?? 'somebody'}, <Ago at={kept.changedAt} /> ago.
            </>
          )}
        </p>
        {may ? (
          <p className="quiet small" id="how">
            Open a fact with Change. Drag a system to its place, or choose it and then its place; with keys,
            take it up with Space, move it with the arrows and put it down with Space, Escape puts it back.
            Systems that are not connected are faint.
          </p>
        ) : null}
      </section>
      <div className="line">
        <TextInput
          aria-label="Search facts"
          placeholder="Search facts"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={event => setParams({ q: event.currentTarget.value })}
        />
        <label className="choice">
          <input
            type="checkbox"
            checked={isOnlySaid}
            onChange={event => setParams({ only: event.currentTarget.checked ? 'changed' : null })}
          />
          Only those that do not go by default
        </label>
        {may && FIELDS.some(key => isSaid(draft, key)) ? (
          <Button variant="default" onClick={() => setDraft({ order: {}, maxAgeMs: {} })}>
            All back to default
          </Button>
        ) : null}
      </div>
      <p className="sr" role="status" aria-live="assertive">
        {said}
      </p>
      {groups.length === 0 ? (
        <Face title={isOnlySaid && wanted === '' ? 'Everything goes by default' : 'No fact matches'}>
          <Button variant="default" onClick={() => setParams({ q: null, only: null })}>
            Show all
          </Button>
        </Face>
      ) : (
        groups.map(({ title, keys }) => (
          <section key={title} className="card" aria-label={title}>
            <h2>{title}</h2>
            <ul className="beliefs">
              {keys.map(key => (
                <Belief
                  key={key}
                  field={key}
                  order={orderIn(draft, kept, key)}
                  ageMs={ageIn(draft, kept, key)}
                  usualAgeMs={kept.defaultMaxAgeMs[key]}
                  isSaid={isSaid(draft, key)}
                  isChanged={changed.includes(key)}
                  isOpen={may && opened === key}
                  open={open}
                  spoken={spoken}
                  may={may}
                  setOrder={setOrder}
                  setAge={setAge}
                  reset={reset}
                  say={setSaid}
                />
              ))}
            </ul>
          </section>
        ))
      )}
      {isDirty ? (
        <div className="save-bar stack">
          {trouble ? <TroubleNote trouble={trouble} /> : null}
          <div className="line-apart">
            <div className="stack grow" style={{ gap: 2 }}>
              <p className="strong">{plural(changed.length, 'fact')} changed, not saved</p>
              <Preview draft={draft} />
            </div>
            <div className="line">
              {trouble?.code === 'conflict' ? (
                <Button variant="default" onClick={reload}>
                  Show what is there now
                </Button>
              ) : null}
              <Button
                variant="default"
                onClick={() => {
                  setDraft(before);
                  setTrouble(null);
                }}
              >
                Discard
              </Button>
              <Button loading={saving} onClick={() => void tell()}>
                Save
              </Button>
            </div>
          </div>
        </div>
      ) : null}
    </>
  );
}

/** In how many devices another value would count, before anything is saved. */
function Preview({ draft }: { draft: Draft }) {
  const console = useConsole();
  const [seen, setSeen] = useState<{ draft: Draft; value: PrecedencePreviewResponse | null } | null>(null);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      void console
        .request<PrecedencePreviewResponse>('POST', `${PATH}/preview`, draft, abort.signal)
        .then(answer => {
          if (!abort.signal.aborted) setSeen({ draft, value: answer.ok ? answer.value : null });
        });
    }, PREVIEW_AFTER_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [console, draft]);
  if (seen === null || seen.draft !== draft) {
    return (
      <p className="quiet small" role="status">
        Going through the fleet
      </p>
    );
  }
  const { value } = seen;
  if (value === null) {
    return (
      <p className="tone-attention small" role="status">
        What it would change could not be told.
      </p>
    );
  }
  const sources = value.fields.reduce((sum, field) => sum + field.sources, 0);
  const top = value.fields.filter(({ values }) => values > 0).toSorted((a, b) => b.values - a.values);
  return (
    <p className="quiet small wrap" role="status">
      {value.devices === 0 ? (
        <>No device of {count(value.of)} would have another value.</>
      ) : (
        <>
          Another value would count for <strong>{plural(value.devices, 'device')}</strong> of{' '}
          {count(value.of)}:{' '}
          {top
            .slice(0, 3)
            .map(({ field, values }) => `${FACTS[field].label.toLowerCase()} ${count(values)}`)
            .join(', ')}
          {top.length > 3 ? ' and more' : ''}. For example{' '}
          {value.examples.slice(0, 3).map(({ id, name }, place) => (
            <span key={id}>
              {place > 0 ? ', ' : ''}
              <Link to={`/devices/${id}`} params={{ tab: 'sources' }}>
                {name}
              </Link>
            </span>
          ))}
          .
        </>
      )}{' '}
      {sources > 0 ? `${plural(sources, 'value')} would stay and come from another system.` : ''}
    </p>
  );
}

interface BeliefProps {
  readonly field: FieldKey;
  readonly order: readonly Source[];
  readonly ageMs: number | null;
  readonly usualAgeMs: number | null;
  readonly isSaid: boolean;
  readonly isChanged: boolean;
  readonly isOpen: boolean;
  /** Sources that are connected. */
  readonly spoken: ReadonlySet<Source>;
  readonly may: boolean;
  readonly open: (field: FieldKey | null) => void;
  readonly setOrder: (field: FieldKey, order: readonly Source[]) => void;
  readonly setAge: (field: FieldKey, ageMs: number | null) => void;
  readonly reset: (field: FieldKey) => void;
  readonly say: (words: string) => void;
}

/** One fact: who is believed about it and for how long, in a line; opened, to be changed. */
const Belief = memo(function Belief({
  field,
  order,
  ageMs,
  usualAgeMs,
  isSaid: isOwn,
  isChanged,
  isOpen,
  spoken,
  may,
  open,
  setOrder,
  setAge,
  reset,
  say,
}: BeliefProps) {
  const { label } = FACTS[field];
  const id = useId();
  const ages = ageChoices(ageMs, usualAgeMs);
  return (
    <li className={`belief ${isChanged ? 'changed' : ''}`}>
      <div className="stack" style={{ gap: 0 }}>
        <span className="strong">{label}</span>
        <code className="quiet small wrap">{field}</code>
      </div>
      {isOpen ? (
        <Order
          field={field}
          label={label}
          order={order}
          spoken={spoken}
          setOrder={setOrder}
          say={say}
          id={id}
        />
      ) : (
        <p id={id} className="order-words">
          {order.map((source, place) => (
            <span key={source} className={spoken.has(source) || source === 'agent' ? '' : 'faded'}>
              {place > 0 ? ', ' : ''}
              {nameOf(source)}
            </span>
          ))}
        </p>
      )}
      <div>
        {isOpen ? (
          <NativeSelect
            aria-label={`${label}: too old after`}
            data={ages}
            value={ageText(ageMs)}
            onChange={event => setAge(field, ageOf(event.currentTarget.value))}
          />
        ) : (
          <span className="quiet">{ageMs === null ? 'never too old' : `for ${shortDuration(ageMs)}`}</span>
        )}
      </div>
      <div className="belief-state">
        {isChanged ? (
          <span className="tag">not saved</span>
        ) : isOwn ? (
          <span className="tag">your word</span>
        ) : (
          <span className="quiet small">default</span>
        )}
        {isOwn && may ? (
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            aria-label={`${label}: back to default`}
            onClick={() => reset(field)}
          >
            To default
          </Button>
        ) : null}
      </div>
      {may ? (
        <Button
          variant="default"
          size="compact-sm"
          aria-expanded={isOpen}
          aria-controls={id}
          aria-label={`${isOpen ? 'Close' : 'Change'} ${label} (${field})`}
          onClick={() => open(isOpen ? null : field)}
        >
          {isOpen ? 'Close' : 'Change'}
        </Button>
      ) : null}
    </li>
  );
});

/** Systems in the order they are believed: one stop of the Tab key, moved by arrows or dragged. */
function Order({
  field,
  label,
  order,
  spoken,
  setOrder,
  say,
  id,
}: Pick<BeliefProps, 'field' | 'order' | 'spoken' | 'setOrder' | 'say'> & { label: string; id: string }) {
  const list = useRef<HTMLOListElement>(null);
  const [stop, setStop] = useState<Source | null>(null);
  /** The one that is being moved with keys, and the order to go back to. */
  const [held, setHeld] = useState<{ source: Source; before: readonly Source[] } | null>(null);
  const [over, setOver] = useState<Source | null>(null);
  const first = order[0];
  const focusOn = stop !== null && order.includes(stop) ? stop : first;

  // What is moved keeps the focus, wherever it now stands: a browser lets go of an element that changes its place.
  const moved = useRef<Source | null>(null);
  useLayoutEffect(() => {
    if (moved.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-source="${moved.current}"]`)?.focus();
    moved.current = null;
  });

  const drop = (source: Source, place: number): void => {
    setOrder(field, placed(order, source, place));
    say(`${nameOf(source)} is now ${place + 1} of ${order.length} for ${label}.`);
  };
  const press = (event: React.KeyboardEvent, source: Source): void => {
    const at = order.indexOf(source);
    const by =
      event.key === 'ArrowRight' || event.key === 'ArrowDown'
        ? 1
        : event.key === 'ArrowLeft' || event.key === 'ArrowUp'
          ? -1
          : 0;
    if (by !== 0) {
      event.preventDefault();
      if (held?.source === source) {
        moved.current = source;
        setOrder(field, stepped(order, source, by));
        const place = Math.max(0, Math.min(order.length - 1, at + by));
        say(`${nameOf(source)} is now ${place + 1} of ${order.length} for ${label}.`);
        return;
      }
      const next = order[Math.max(0, Math.min(order.length - 1, at + by))];
      if (next === undefined) return;
      setStop(next);
      list.current?.querySelector<HTMLElement>(`[data-source="${next}"]`)?.focus();
      return;
    }
    if (event.key === 'Escape' && held !== null) {
      event.preventDefault();
      event.stopPropagation();
      moved.current = source;
      setOrder(field, held.before);
      setHeld(null);
      say(`${nameOf(source)} is back where it was.`);
    }
  };
  const take = (source: Source): void => {
    if (held !== null && held.source !== source) {
      // Fingers cannot drag here: what was chosen goes where the second touch is.
      moved.current = held.source;
      setStop(held.source);
      drop(held.source, order.indexOf(source));
      setHeld(null);
      return;
    }
    setStop(source);
    if (held?.source === source) {
      setHeld(null);
      say(`${nameOf(source)} is put down, ${order.indexOf(source) + 1} of ${order.length} for ${label}.`);
      return;
    }
    setHeld({ source, before: order });
    say(`${nameOf(source)} is taken up. Move it with the arrow keys.`);
  };

  return (
    <ol
      ref={list}
      id={id}
      className="order"
      aria-label={`Who is believed about ${label}, first to last`}
      onBlur={event => {
        if (event.relatedTarget !== null && !event.currentTarget.contains(event.relatedTarget)) setHeld(null);
      }}
    >
      {order.map((source, place) => (
        <li
          key={source}
          className={over === source ? 'over' : ''}
          onDragOver={event => {
            if (!event.dataTransfer.types.includes(typeOf(field))) return;
            event.preventDefault();
            setOver(source);
          }}
          onDragLeave={() => setOver(null)}
          onDrop={event => {
            const dragged = order.find(one => one === event.dataTransfer.getData(typeOf(field)));
            setOver(null);
            if (dragged === undefined) return;
            event.preventDefault();
            drop(dragged, place);
          }}
        >
          <button
            type="button"
            data-source={source}
            className={`source ${spoken.has(source) || source === 'agent' ? '' : 'unspoken'}`}
            draggable
            tabIndex={source === focusOn ? 0 : -1}
            aria-pressed={held?.source === source}
            aria-describedby="how"
            aria-label={`${nameOf(source)}, ${place + 1} of ${order.length} for ${label}`}
            onDragStart={event => {
              event.dataTransfer.setData(typeOf(field), source);
              event.dataTransfer.effectAllowed = 'move';
            }}
            onClick={() => take(source)}
            onKeyDown={event => press(event, source)}
          >
            <IconGripVertical size={12} aria-hidden="true" />
            {nameOf(source)}
          </button>
        </li>
      ))}
    </ol>
  );
}

/** A fact's sources are dragged among themselves only; types of a drag are readable before it is dropped. */
function typeOf(field: FieldKey): string {
  return `application/x-trayline-${field.toLowerCase()}`;
}

function nameOf(source: Source): string {
  return source === 'agent' ? 'Agent' : SOURCE_NAMES[source];
}
