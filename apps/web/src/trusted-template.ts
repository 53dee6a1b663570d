import { template as untrustedTemplate } from 'solid-web-untrusted'

export * from 'solid-web-untrusted'

interface TemplatePolicy {
  createHTML(html: string): string
}

/**
 * The one policy of the page. It stays in this module: only `template` below, which the compiler calls with literals,
 * reaches it.
 */
const policy: TemplatePolicy =
  'trustedTypes' in window
    ? // TypeScript's DOM library does not know trusted types
      (window.trustedTypes as { createPolicy(name: string, rules: TemplatePolicy): TemplatePolicy }).createPolicy(
        'gatehouse',
        { createHTML: (html) => html },
      )
    : { createHTML: (html) => html }

/** Solid's `template`, under `require-trusted-types-for 'script'`. */
export const template: typeof untrustedTemplate = (html, ...rest) => untrustedTemplate(policy.createHTML(html), ...rest)
