#include "httpd/report_page.h"

#include "base/web.h"
#include "ca/cases.h"

#include <apr_strings.h>

#include <string.h>

const char *const qwm_report_languages[] = { "en", "fr", NULL };

enum { LANGUAGES = 2, PROBLEMS = 5 };

const char qwm_report_style[] =
    "body{font:1em/1.5 sans-serif;max-width:40em;margin:2em auto;padding:0 1em}"
    "label{display:block;margin-top:1em;font-weight:bold}"
    "input,select,textarea{font:inherit;width:100%;box-sizing:border-box}"
    "textarea{height:12em}button{font:inherit;margin-top:1em;padding:.4em 1em}"
    ".fault{border-left:.3em solid #b00;padding-left:.7em}"
    ".number{font-size:1.4em;font-family:monospace}"
    ".other{position:absolute;left:-99em}";

typedef struct {
    const char *title, *intro, *mail, *subject, *subject_hint, *problem,
        *contact, *contact_hint, *text, *other, *send, *thanks, *number, *next,
        *switch_to;
    const char *problems[PROBLEMS]; /* as qw_report_problems() */
} words_t;

static const words_t words[LANGUAGES] = {
    { "Report a problem with a certificate",
      "Report here a key that is known to others, a certificate that should "
      "not "
      "have been issued, or one that is misused. We begin to look into it "
      "within "
      "24 hours.",
      "You may also write to",
      "Certificate",
      "Serial number or fingerprint (hexadecimal), or domain name",
      "Problem",
      "How we can reach you",
      "Mail address or telephone number; used for this report alone, may be "
      "left empty",
      "What happened, and how can it be seen?",
      "Leave this empty",
      "Send",
      "Your report has been received.",
      "Its number:",
      "Keep this number. We begin to look into it within 24 hours, and tell "
      "you "
      "what we found if you said how to reach you.",
      "Fran\u00e7ais",
      { "The private key is known to others",
        "It should not have been issued (wrong name, not asked for)",
        "It is used for fraud, phishing or malware",
        "The subject is somebody else, or does not exist any more",
        "Something else" } },
    { "Signaler un probl\u00e8me de certificat",
      "Signalez ici une cl\u00e9 priv\u00e9e compromise, un certificat qui "
      "n\u2019aurait pas d\u00fb \u00eatre \u00e9mis, ou un usage abusif. Nous "
      "commen\u00e7ons l\u2019examen sous 24 heures.",
      "Vous pouvez aussi \u00e9crire \u00e0",
      "Certificat",
      "Num\u00e9ro de s\u00e9rie ou empreinte (hexad\u00e9cimal), ou nom de "
      "domaine",
      "Probl\u00e8me",
      "Comment vous joindre",
      "Adresse \u00e9lectronique ou num\u00e9ro de t\u00e9l\u00e9phone\u00a0; "
      "utilis\u00e9 pour ce signalement seulement, facultatif",
      "Que s\u2019est-il pass\u00e9, et comment le constater\u00a0?",
      "Laissez ce champ vide",
      "Envoyer",
      "Votre signalement a \u00e9t\u00e9 re\u00e7u.",
      "Son num\u00e9ro\u00a0:",
      "Conservez ce num\u00e9ro. Nous commen\u00e7ons l\u2019examen sous 24 "
      "heures, et vous dirons ce que nous avons trouv\u00e9 si vous avez "
      "indiqu\u00e9 comment vous joindre.",
      "English",
      { "La cl\u00e9 priv\u00e9e est connue de tiers",
        "Il n\u2019aurait pas d\u00fb \u00eatre \u00e9mis (nom erron\u00e9, "
        "non demand\u00e9)",
        "Il sert \u00e0 la fraude, au hame\u00e7onnage ou \u00e0 un logiciel "
        "malveillant",
        "Le sujet est quelqu\u2019un d\u2019autre, ou n\u2019existe plus",
        "Autre chose" } },
};

static const struct {
    const char *fault;
    const char *says[LANGUAGES];
} faults[] = {
    { "subject",
      { "Name the certificate: one line, at most 254 bytes.",
        "D\u00e9signez le certificat\u00a0: une ligne, 254 octets au plus." } },
    { "problem",
      { "Choose the kind of problem.",
        "Choisissez le type de probl\u00e8me." } },
    { "contact",
      { "How we can reach you: one line, at most 254 bytes.",
        "Comment vous joindre\u00a0: une ligne, 254 octets au plus." } },
    { "text",
      { "Describe it: at most 10 kilobytes.",
        "D\u00e9crivez le probl\u00e8me\u00a0: 10 kilo-octets au plus." } },
    { "often",
      { "There have been many reports from your network. Try again later, or "
        "write to us.",
        "Beaucoup de signalements sont venus de votre r\u00e9seau. "
        "R\u00e9essayez plus tard, ou \u00e9crivez-nous." } },
    { "away",
      { "We cannot take it at the moment. Try again later, or write to us.",
        "Nous ne pouvons pas le recevoir pour le moment. R\u00e9essayez plus "
        "tard, ou \u00e9crivez-nous." } },
    { "form",
      { "The form could not be read. Try again.",
        "Le formulaire n\u2019a pas pu \u00eatre lu. R\u00e9essayez." } },
};

static const char *fault_line(const qwm_report_page_t *page, apr_pool_t *pool)
{
    enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };
    int i = 0;

    if (page->fault == NULL)
        return "";
    while (i < FAULTS - 1 && strcmp(faults[i].fault, page->fault) != 0)
        i++;
    return apr_pstrcat(pool, "<p class=\"fault\" role=\"alert\">",
                       faults[i].says[page->language], "</p>\n", NULL);
}

static const char *typed(const qwm_report_page_t *page, const char *name,
                         apr_pool_t *pool)
{
    const char *value =
        page->fields != NULL ? apr_table_get(page->fields, name) : NULL;

    return qw_html(value, pool);
}

static const char *options(const qwm_report_page_t *page, apr_pool_t *pool)
{
    const char *const *names = qw_report_problems(), *out = "";
    const char *chosen = typed(page, "problem", pool);

    for (int i = 0; i < PROBLEMS && names[i] != NULL; i++)
        out = apr_psprintf(pool, "%s<option value=\"%s\"%s>%s</option>\n", out,
                           names[i],
                           strcmp(chosen, names[i]) == 0 ? " selected" : "",
                           words[page->language].problems[i]);
    return out;
}

static const char *line(const qwm_report_page_t *page, const char *name,
                        const char *label, const char *hint, apr_pool_t *pool)
{
    return apr_psprintf(pool,
                        "<label for=\"%s\">%s</label>\n"
                        "<input id=\"%s\" name=\"%s\" maxlength=\"254\" "
                        "value=\"%s\" aria-describedby=\"%s-hint\">\n"
                        "<small id=\"%s-hint\">%s</small>\n",
                        name, label, name, name, typed(page, name, pool), name,
                        name, hint);
}

/* "website" is for programs that fill in whatever there is. */
static const char *form(const qwm_report_page_t *page, apr_pool_t *pool)
{
    const words_t *w = &words[page->language];

    return apr_pstrcat(
        pool, "<p>", w->intro, "</p>\n", fault_line(page, pool),
        "<form method=\"post\" action=\"?lang=",
        qwm_report_languages[page->language], "\">\n",
        line(page, "subject", w->subject, w->subject_hint, pool),
        "<label for=\"problem\">", w->problem,
        "</label>\n<select id=\"problem\" name=\"problem\">\n",
        options(page, pool), "</select>\n",
        line(page, "contact", w->contact, w->contact_hint, pool),
        "<label for=\"text\">", w->text,
        "</label>\n<textarea id=\"text\" name=\"text\" maxlength=\"10240\" "
        "required>\n",
        typed(page, "text", pool),
        "</textarea>\n<div class=\"other\" aria-hidden=\"true\"><label "
        "for=\"website\">",
        w->other,
        "</label><input id=\"website\" name=\"website\" tabindex=\"-1\" "
        "autocomplete=\"off\"></div>\n<button>",
        w->send, "</button>\n</form>\n", NULL);
}

static const char *receipt(const qwm_report_page_t *page, apr_pool_t *pool)
{
    const words_t *w = &words[page->language];
    const char *number = "";

    if (*page->number != '\0')
        number = apr_pstrcat(pool, "<p>", w->number, " <span class=\"number\">",
                             qw_html(page->number, pool), "</span></p>\n<p>",
                             w->next, "</p>\n", NULL);
    return apr_pstrcat(pool, "<p role=\"status\">", w->thanks, "</p>\n", number,
                       NULL);
}

const char *qwm_report_page(const qwm_report_page_t *page, apr_pool_t *pool)
{
    const words_t *w = &words[page->language];
    const char *other = qwm_report_languages[1 - page->language];
    const char *mail = "", *address = qw_html(page->address, pool);

    if (page->address != NULL)
        mail = apr_pstrcat(pool, "<p>", w->mail, " <a href=\"mailto:", address,
                           "\">", address, "</a>.</p>\n", NULL);
    return apr_pstrcat(pool, "<!DOCTYPE html>\n<html lang=\"",
                       qwm_report_languages[page->language],
                       "\">\n<head>\n<meta charset=\"utf-8\">\n<meta "
                       "name=\"viewport\" content=\"width=device-width\">\n"
                       "<title>",
                       w->title,
                       "</title>\n<link rel=\"stylesheet\" href=\"?style\">\n"
                       "</head>\n<body>\n<p><a hreflang=\"",
                       other, "\" href=\"?lang=", other, "\">", w->switch_to,
                       "</a></p>\n<h1>", w->title, "</h1>\n",
                       page->number != NULL ? receipt(page, pool)
                                            : form(page, pool),
                       mail, "</body>\n</html>\n", NULL);
}
