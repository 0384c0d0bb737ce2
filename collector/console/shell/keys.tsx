import { Modal } from '@mantine/core';
import { useEffect } from 'react';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Search everything: device, person, serial number'],
  ['f', 'Filter the fleet, search the checks'],
  ['j  k', 'Next and previous row'],
  ['Enter', 'Open the chosen device or check'],
  ['[  ]', 'Previous and next device of the list, on a device'],
  ['Esc', 'Leave the search or close what is open'],
  ['?', 'These keys'],
];

/** Single-key commands, quiet while somebody types or a dialog is open. */
export function useKey(keys: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target;
      if (
        target instanceof HTMLElement &&
        target.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]')
      ) {
        return;
      }
      const run = keys[event.key];
      if (run) run(event);
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [keys]);
}

export function KeysDialog({ opened, close }: { opened: boolean; close: () => void }) {
  return (
    <Modal opened={opened} onClose={close} title="Keys" closeButtonProps={{ 'aria-label': 'Close' }}>
      <dl className="keys">
        {KEYS.map(([key, does]) => (
          <div key={key} style={{ display: 'contents' }}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
