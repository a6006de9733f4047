// The API's description: Swagger UI leaves the choice of a server without a name.
const observer = new MutationObserver(() => {
  const servers = document.getElementById("servers");
  if (servers) {
    servers.ariaLabel = "Server";
  }
});
observer.observe(document.body, { childList: true, subtree: true });
