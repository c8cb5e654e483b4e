document.getElementById("receipt-print").addEventListener("click", () => window.print());
