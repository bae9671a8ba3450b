const NAME = 'siglip2-token';

/**
 * The token of whoever started the server: from the address that the server printed (`#token=…`), from which it is taken
 * away, so that nobody copies it along; later from this tab's storage.
 */
export function takeOwnerToken(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) {
    sessionStorage.setItem(NAME, token);
    history.replaceState(history.state, '', location.pathname + location.search);
  }
  return sessionStorage.getItem(NAME) ?? undefined;
}
