// Says, before anything is drawn, that script runs, so that what it unfolds is not seen folding.
document.body.classList.add("js-enabled")
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported")
