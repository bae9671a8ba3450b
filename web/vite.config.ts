import { defineConfig } from 'vite';

/** Builds the page into web/dist, which `siglip2 serve` serves. */
export default defineConfig({
  root: import.meta.dirname,
  // Nothing of it is for a particular machine.
  envDir: false,
  publicDir: false,
  logLevel: 'warn',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // The style sheet says by itself what older browsers do.
    cssTarget: 'esnext',
    // Files only: the page's policy lets it load what the server has.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
