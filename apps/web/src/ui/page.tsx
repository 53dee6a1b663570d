import { Title } from './title.tsx'
import { Show, type JSX } from 'solid-js'
import './page.css'

/** A screen: its heading, one sentence that says what it is for, and what can be done on it. */
export function Page(props: {
  title: string
  lead?: JSX.Element
  actions?: JSX.Element
  children: JSX.Element
}): JSX.Element {
  return (
    <div class="page">
      <Title of={props.title} />
      <header class="page-head">
        <div>
          <h1>{props.title}</h1>
          <Show when={props.lead}>{(lead) => <p class="page-lead">{lead()}</p>}</Show>
        </div>
        <Show when={props.actions}>{(actions) => <div class="page-actions">{actions()}</div>}</Show>
      </header>
      {props.children}
    </div>
  )
}

/** A list and, when the URL names an item, its detail beside it. */
export function Split(props: { children: JSX.Element; detail: JSX.Element }): JSX.Element {
  return (
    <div class="split">
      <div class="split-list">{props.children}</div>
      {props.detail}
    </div>
  )
}

/** A part of a screen under its own heading. */
export function Section(props: { title: string; actions?: JSX.Element; children: JSX.Element }): JSX.Element {
  return (
    <section class="section">
      <header class="section-head">
        <h2>{props.title}</h2>
        {props.actions}
      </header>
      {props.children}
    </section>
  )
}
