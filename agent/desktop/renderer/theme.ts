import { createTheme } from '@mantine/core';

/** Mantine draws with our tokens (style/tokens.css), so that both themes are defined in one place. */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  defaultRadius: 6,
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'md' } },
    Switch: { defaultProps: { size: 'md' } },
    NativeSelect: { defaultProps: { size: 'md' } },
    TextInput: { defaultProps: { size: 'md' } },
    Textarea: { defaultProps: { size: 'md' } },
  },
});
