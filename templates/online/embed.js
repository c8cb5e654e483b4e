// Puts online booking into the clinic's own page, at the place of this script:
// <script src=".../book/embed.js" data-branch="1" data-lang="ru" async></script>
(() => {
  const script = document.currentScript;
  const place = new URL(".", script.src);
  const { branch, lang, title } = script.dataset;
  const address = new URL(branch ? `${branch}/` : "", place);
  address.searchParams.set("lang", lang || document.documentElement.lang.slice(0, 2) || "ru");
  for (const [name, value] of new URLSearchParams(window.location.search)) {
    if (/^(utm_(source|medium|campaign|content|term)|yclid)$/.test(name)) {
      address.searchParams.set(name, value);
    }
  }
  const frame = document.createElement("iframe");
  frame.src = address.href;
  frame.title = title || (address.searchParams.get("lang") === "en" ? "Book a visit" : "Запись на приём");
  frame.style.cssText = "display:block;width:100%;height:640px;border:0;color-scheme:normal";
  script.after(frame);
  window.addEventListener("message", ({ origin, source, data }) => {
    if (origin !== place.origin || source !== frame.contentWindow || !data) {
      return;
    }
    if (data.type === "clinic-booking:height" && Number.isFinite(data.height)) {
      frame.style.height = `${Math.min(Math.max(Math.ceil(data.height), 200), 20000)}px`;
    }
    if (data.type === "clinic-booking:page" && frame.getBoundingClientRect().top < 0) {
      frame.scrollIntoView({ block: "start" });
    }
  });
})();
