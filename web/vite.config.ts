import { defineConfig } from 'vite';

/** Where `siglip2 serve` answers. It takes requests of its own pages alone, so the page's host stays in them. */
const server = { target: 'http://127.0.0.1:7272', changeOrigin: false };

/**
 * Builds the page into web/dist, which `siglip2 serve` serves. `npx vite --config web/vite.config.ts` shows the sources as
 * they change, and asks a running server.
 */
export default defineConfig({
  root: import.meta.dirname,
  // Nothing of it is for a particular machine.
  envDir: false,
  publicDir: false,
  server: { proxy: { '^/api/': server, '^/(gallery|v1)/': server, '/openapi.json': server } },
  build: {
    reportCompressedSize: false,
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
