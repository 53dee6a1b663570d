import './ui/tokens.css'
import './ui/base.css'
import { Router } from '@solidjs/router'
import { render } from 'solid-js/web'
import { App } from './app.tsx'
import { routes } from './routes.tsx'
import { startTheme } from './theme.ts'

startTheme()

const root = document.getElementById('root')
if (root === null) throw new TypeError('the page has no root')

// A constant of the build: the real one holds no gallery.
if ((import.meta.env.DEV || import.meta.env.MODE === 'gallery') && location.pathname.startsWith('/dev/gallery')) {
  const { startGallery } = await import('./features/gallery/gallery.tsx')
  startGallery(root)
} else {
  render(() => <Router root={App}>{routes}</Router>, root)
}
