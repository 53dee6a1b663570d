import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import solid from 'vite-plugin-solid'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const solidWeb = createRequire(import.meta.url).resolve('solid-js/web/dist/web.js')

export default defineConfig({
  root: here('.'),
  // Compiled templates go through our trusted-types policy: every import of solid-js/web, libraries' too, gets our
  // `template`.
  resolve: {
    alias: [
      { find: /^solid-js\/web$/, replacement: here('./src/trusted-template.ts') },
      { find: /^solid-web-untrusted$/, replacement: solidWeb },
    ],
  },
  plugins: [solid({ hot: false })],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The policy `default-src 'self'` admits no data: URLs, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
})
