import { searchView } from '../search/searchView.ts';
import { DEFAULT_VIEW } from './address.ts';
import type { View } from './view.ts';

/** All views, as the top bar lists them. Those that few visits need are loaded when they are opened. */
export const VIEWS: readonly View[] = [
  searchView,
  {
    name: 'folders',
    title: 'Folders',
    open: async (...given) => (await import('../folders/open.ts')).open(...given),
  },
  {
    name: 'training',
    title: 'Training',
    open: async (...given) => (await import('../training/open.ts')).open(...given),
  },
  {
    name: 'model',
    title: 'Model',
    open: async (...given) => (await import('../model/open.ts')).open(...given),
  },
];

/** The view of a name; search for one that there is not. */
export const viewNamed = (name: string): View =>
  VIEWS.find((view) => view.name === name) ?? VIEWS.find((view) => view.name === DEFAULT_VIEW) ?? searchView;
