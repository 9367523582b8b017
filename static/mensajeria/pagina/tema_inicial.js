// Guion clásico, no módulo: corre antes de pintar, para que el tema elegido no parpadee.
(() => {
  try {
    const tema = localStorage.getItem("servitech.tema");
    if (tema === "claro" || tema === "oscuro") document.documentElement.dataset.tema = tema;
  } catch {}
})();
