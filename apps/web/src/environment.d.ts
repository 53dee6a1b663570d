/// <reference types="vite/client" />

/** Solid's own runtime; `solid-js/web` itself is our wrapper of it (see vite.config.ts). */
declare module 'solid-web-untrusted' {
  export * from 'solid-js/web'
  export function template(html: string, ...kind: readonly boolean[]): () => Element
}
