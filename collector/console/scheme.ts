/** The colour scheme before the first drawing: a module of its own, because an inline script would need a hole in the policy. */
import { localStorageColorSchemeManager } from '@mantine/core';

export const schemeManager = localStorageColorSchemeManager({ key: 'trayline-scheme' });

const chosen = schemeManager.get('auto');
const dark = chosen === 'dark' || (chosen === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
