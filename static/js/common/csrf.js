// The token that proves that a request comes from one of our pages.

// Over HTTPS the cookie carries the prefix by which browsers refuse one that was planted by a neighbouring host.
export function csrfToken() {
  return cookie("__Host-csrftoken") || cookie("csrftoken");
}

/** @param {string} name */
function cookie(name) {
  return document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? "";
}
