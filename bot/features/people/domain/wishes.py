"""How people say what they want of the bot: fewer nudges or none, a pause, help, what is stored about them."""

from __future__ import annotations

from bot.core.phrases import politely

_SENT = r"(nudges|messages|notifications)"
_TOLD = r"(ehdotuksia|viestejä|ilmoituksia)"

STOP = politely(
    r"stop|unsubscribe|opt[ -]out|nudges off|mute( me| yourself)?|(be )?quiet|leave me alone",
    rf"no more {_SENT}|stop( sending( me)?)?( the| these| your)? {_SENT}|stop (nudging|messaging)( me)?",
    rf"turn off( the| my| all)? {_SENT}|turn( the| my| all)? {_SENT} off",
    rf"(don[’']t|do not) (send|nudge|message) me( any| these)?( {_SENT})?( any ?more)?",
    rf"i don[’']t want( any| these)? {_SENT}( any ?more)?",
    r"lopeta( nämä)?( ehdotukset| ehdotusten lähettäminen| viestit)?|ehdotukset pois|peru tilaus",
    r"hiljennä|ole hiljaa|jätä minut rauhaan",
    rf"(älä|älkää) (enää )?(lähetä|lähettäkö)( minulle)?( enää)? {_TOLD}",
    rf"ei enää {_TOLD}|en halua( enää)? {_TOLD}",
)
START = politely(
    r"start|nudges on|start( the)? nudges|turn on( the| my)? nudges|ehdotukset päälle|aloita( ehdotukset)?"
)
PAUSE = politely(
    rf"(pause|snooze)( the| my| these)?( me| {_SENT})?",
    r"(pidä )?tauko(a)?|keskeytä( ehdotukset| viestit)?",
)
FEWER = politely(
    rf"(a bit |much |send( me)? )?(fewer|less) {_SENT}|(a bit |much )?less often|not so (often|many( {_SENT})?)",
    rf"(a bit )?quieter|too many {_SENT}|that[’']s too many {_SENT}",
    rf"(lähetä )?vähemmän {_TOLD}|harvemmin|(liikaa|liian paljon) {_TOLD}",
)
USUAL = politely(
    rf"as (usual|before)( again)?|as many( {_SENT})? as before|(send( me)? )?more nudges|more often",
    r"kuten ennen|tavalliseen tapaan|useammin|(lähetä )?enemmän ehdotuksia",
)
AWAY = politely(
    r"i[’']?m (away|on (holiday|vacation|leave))( this week)?|i am (away|on (holiday|vacation|leave))( this week)?",
    r"out of (the )?office|olen (poissa|lomalla)( tämän viikon)?",
)
BACK = politely(r"i([’']m| am) back( again| at work)?|olen (taas )?(paikalla|palannut|takaisin|töissä)")
HELP = politely(
    r"help( me)?|(show )?(the )?commands|menu|what can i (do|say|type)( here)?",
    r"apua|auta( minua)?|ohje(et)?|komennot|\?+",
)
_OF_ME = r"(about|of|on) me"
_MY_DATA = r"(all )?(my|the)( own| personal)? (data|information)( about me)?"
DATA = politely(
    rf"(what|which)( kind of)?( personal)?( data| information)? (do|does|have|has) (you|chorus|the bot|this bot|it) "
    rf"(got |been )?(know|store|keep|hold|have|save|collect|stored|kept|collected)?\s?{_OF_ME}",
    rf"(what|which)( data| information)?( is|[’']s| are) (known|stored|kept|saved|collected|held) {_OF_ME}",
    rf"(show|give|send|download|export)( me)? {_MY_DATA}|my( own| personal)? data",
    r"gdpr( request)?|((subject|data) )*access request",
    r"mitä( kaikkea)?( tietoja)? (te |sinä |chorus |botti )?"
    r"(tiedät|tiedätte|tietää|tallennat|tallennatte|tallentaa|säilytät|säilytätte|keräät|keräätte) minusta",
    r"mitä( tietoja)? minusta (on |tiedetään|säilytetään|tallennetaan|kerätään)\s?(tallennettu|kerätty|tallessa)?",
    r"mitä tietoja (teillä|sinulla) on minusta|(näytä|lataa|lähetä|anna)( minulle)? (kaikki )?(omat |minun )?tietoni",
    r"(omat|minun) tietoni|tietopyyntö",
)
_DELETE = r"(delete|erase|remove|forget|wipe)"
FORGET = politely(
    rf"{_DELETE} (me|{_MY_DATA}|my (account|profile))",
    rf"{_DELETE} (everything|all|all data|all the data|all information|what)( that)?( (you|chorus) "
    rf"(know|have|store|keep|knows|has|stores|keeps))? {_OF_ME}",
    r"be forgotten|(the )?right to (be forgotten|erasure)|(data )?erasure request",
    r"(poista|unohda|tuhoa|pyyhi)( kaikki)? (minut|tietoni|minun tietoni|omat tietoni|tilini|profiilini|"
    r"minua koskevat tiedot|tiedot minusta)",
    r"(poista|unohda|tuhoa|pyyhi) kaikki,? mitä (tiedät|tiedätte|chorus tietää) minusta",
    r"tulla unohdetuksi|oikeus tulla unohdetuksi",
)
