// Keys reach the app only while the terminal has the focus, which textual-serve's script
// leaves to the first click. Here it gets the focus as soon as the app draws.
new MutationObserver((_, observer) => {
  if (document.body.classList.contains("-first-byte")) {
    observer.disconnect();
    document.querySelector(".xterm-helper-textarea").focus();
  }
}).observe(document.body, { attributeFilter: ["class"] });
