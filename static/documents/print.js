document.getElementById("paper-print").addEventListener("click", () => window.print());
