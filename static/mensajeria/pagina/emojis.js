/**
 * Los emojis que se ofrecen, por grupos: cada línea, el emoji, su nombre en español y en inglés. Los
 * nombres son los de Unicode CLDR, tomados de emojibase-data 16.0.3 (MIT): sin tonos de piel, banderas ni
 * los compuestos.
 *
 * @type {{es: string, en: string, emojis: string}[]}
 */
export const GRUPOS = [
  {
    es: "Caras",
    en: "Faces",
    emojis: `😀 cara sonriendo|grinning face
😃 cara sonriendo con ojos grandes|grinning face with big eyes
😄 cara sonriendo con ojos sonrientes|grinning face with smiling eyes
😁 cara radiante con ojos sonrientes|beaming face with smiling eyes
😆 cara sonriendo con los ojos cerrados|grinning squinting face
😅 cara sonriendo con sudor frío|grinning face with sweat
🤣 cara revolviéndose de la risa|rolling on the floor laughing
😂 cara llorando de risa|face with tears of joy
🙂 cara sonriendo ligeramente|slightly smiling face
🙃 cara al revés|upside-down face
😉 cara guiñando el ojo|winking face
😊 cara feliz con ojos sonrientes|smiling face with smiling eyes
😇 cara sonriendo con aureola|smiling face with halo
🥰 cara sonriendo con corazones|smiling face with hearts
😍 cara sonriendo con ojos de corazón|smiling face with heart-eyes
🤩 cara sonriendo con estrellas|star-struck
😘 cara lanzando un beso|face blowing a kiss
😗 cara besando|kissing face
☺️ cara sonriente|smiling face
😚 cara besando con los ojos cerrados|kissing face with closed eyes
😙 cara besando con ojos sonrientes|kissing face with smiling eyes
🥲 cara sonriente con lágrima|smiling face with tear
😋 cara saboreando comida|face savoring food
😛 cara sacando la lengua|face with tongue
😜 cara sacando la lengua y guiñando un ojo|winking face with tongue
🤪 cara de loco|zany face
😝 cara con ojos cerrados y lengua fuera|squinting face with tongue
🤑 cara con lengua de dinero|money-mouth face
🤗 cara con manos abrazando|smiling face with open hands
🤭 cara con mano sobre la boca|face with hand over mouth
🤫 cara pidiendo silencio|shushing face
🤔 cara pensativa|thinking face
🤐 cara con la boca cerrada con cremallera|zipper-mouth face
🤨 cara con ceja alzada|face with raised eyebrow
😐️ cara neutral|neutral face
😑 cara sin expresión|expressionless face
😶 cara sin boca|face without mouth
😏 cara sonriendo con superioridad|smirking face
😒 cara de desaprobación|unamused face
🙄 cara con ojos en blanco|face with rolling eyes
😬 cara haciendo una mueca|grimacing face
🤥 cara de mentiroso|lying face
😌 cara de alivio|relieved face
😔 cara desanimada|pensive face
😪 cara de sueño|sleepy face
🤤 cara babeando|drooling face
😴 cara durmiendo|sleeping face
😷 cara con mascarilla médica|face with medical mask
🤒 cara con termómetro|face with thermometer
🤕 cara con la cabeza vendada|face with head-bandage
🤢 cara de náuseas|nauseated face
🤮 cara vomitando|face vomiting
🤧 cara estornudando|sneezing face
🥵 cara con calor|hot face
🥶 cara con frío|cold face
🥴 cara de grogui|woozy face
😵 cara mareada|face with crossed-out eyes
🤯 cabeza explotando|exploding head
🤠 cara con sombrero de vaquero|cowboy hat face
🥳 cara de fiesta|partying face
🥸 cara disfrazada|disguised face
😎 cara sonriendo con gafas de sol|smiling face with sunglasses
🤓 cara de empollón|nerd face
🧐 cara con monóculo|face with monocle
😕 cara de confusión|confused face
😟 cara preocupada|worried face
🙁 cara con el ceño ligeramente fruncido|slightly frowning face
☹️ cara con el ceño fruncido|frowning face
😮 cara con la boca abierta|face with open mouth
😯 cara estupefacta|hushed face
😲 cara asombrada|astonished face
😳 cara sonrojada|flushed face
🥺 cara suplicante|pleading face
😦 cara con el ceño fruncido y la boca abierta|frowning face with open mouth
😧 cara angustiada|anguished face
😨 cara asustada|fearful face
😰 cara con ansiedad y sudor|anxious face with sweat
😥 cara triste pero aliviada|sad but relieved face
😢 cara llorando|crying face
😭 cara llorando fuerte|loudly crying face
😱 cara gritando de miedo|face screaming in fear
😖 cara de frustración|confounded face
😣 cara desesperada|persevering face
😞 cara decepcionada|disappointed face
😓 cara con sudor frío|downcast face with sweat
😩 cara agotada|weary face
😫 cara cansada|tired face
🥱 cara de bostezo|yawning face
😤 cara resoplando|face with steam from nose
😡 cara cabreada|enraged face
😠 cara enfadada|angry face
🤬 cara con símbolos en la boca|face with symbols on mouth
😈 cara sonriendo con cuernos|smiling face with horns
👿 cara enfadada con cuernos|angry face with horns
💀 calavera|skull
☠️ calavera y huesos cruzados|skull and crossbones
💩 caca con ojos|pile of poo
🤡 cara de payaso|clown face
👹 demonio japonés oni|ogre
👺 demonio japonés tengu|goblin
👻 fantasma|ghost
👽️ alienígena|alien
👾 monstruo alienígena|alien monster
🤖 robot|robot
😺 gato sonriendo|grinning cat
😸 gato sonriendo con ojos sonrientes|grinning cat with smiling eyes
😹 gato llorando de risa|cat with tears of joy
😻 gato sonriendo con ojos de corazón|smiling cat with heart-eyes
😼 gato haciendo una mueca|cat with wry smile
😽 gato besando|kissing cat
🙀 gato asustado|weary cat
😿 gato llorando|crying cat
😾 gato enfadado|pouting cat
🙈 mono con los ojos tapados|see-no-evil monkey
🙉 mono con los oídos tapados|hear-no-evil monkey
🙊 mono con la boca tapada|speak-no-evil monkey
💌 carta de amor|love letter
💘 corazón con flecha|heart with arrow
💝 corazón con lazo|heart with ribbon
💖 corazón brillante|sparkling heart
💗 corazón creciente|growing heart
💓 corazón latiendo|beating heart
💞 corazones giratorios|revolving hearts
💕 dos corazones|two hearts
💟 adorno de corazón|heart decoration
❣️ exclamación de corazón|heart exclamation
💔 corazón roto|broken heart
❤️ corazón rojo|red heart
🧡 corazón naranja|orange heart
💛 corazón amarillo|yellow heart
💚 corazón verde|green heart
💙 corazón azul|blue heart
💜 corazón morado|purple heart
🤎 corazón marrón|brown heart
🖤 corazón negro|black heart
🤍 corazón blanco|white heart
💋 marca de beso|kiss mark
💯 cien puntos|hundred points
💢 símbolo de enfado|anger symbol
💥 colisión|collision
💫 símbolo de mareo|dizzy
💦 gotas de sudor|sweat droplets
💨 salir corriendo|dashing away
🕳️ agujero|hole
💬 bocadillo de diálogo|speech balloon
🗨️ bocadillo de diálogo por la izquierda|left speech bubble
🗯️ bocadillo de enfado por la derecha|right anger bubble
💭 bocadillo de pensamiento|thought balloon
💤 símbolo de sueño|zzz`,
  },
  {
    es: "Personas",
    en: "People",
    emojis: `👋 mano saludando|waving hand
🤚 dorso de la mano|raised back of hand
🖐️ mano abierta|hand with fingers splayed
✋️ mano levantada|raised hand
🖖 saludo vulcano|vulcan salute
👌 señal de aprobación con la mano|ok hand
🤌 dedos juntos apuntando hacia arriba|pinched fingers
🤏 mano pellizcando|pinching hand
✌️ mano con señal de victoria|victory hand
🤞 dedos cruzados|crossed fingers
🤟 gesto de te quiero|love-you gesture
🤘 mano haciendo el signo de cuernos|sign of the horns
🤙 mano haciendo el gesto de llamar|call me hand
👈️ dorso de mano con índice a la izquierda|backhand index pointing left
👉️ dorso de mano con índice a la derecha|backhand index pointing right
👆️ dorso de mano con índice hacia arriba|backhand index pointing up
🖕 dedo corazón hacia arriba|middle finger
👇️ dorso de mano con índice hacia abajo|backhand index pointing down
☝️ dedo índice hacia arriba|index pointing up
👍️ pulgar hacia arriba|thumbs up
👎️ pulgar hacia abajo|thumbs down
✊️ puño en alto|raised fist
👊 puño cerrado|oncoming fist
🤛 puño hacia la izquierda|left-facing fist
🤜 puño hacia la derecha|right-facing fist
👏 manos aplaudiendo|clapping hands
🙌 manos levantadas celebrando|raising hands
👐 manos abiertas|open hands
🤲 palmas hacia arriba juntas|palms up together
🤝 apretón de manos|handshake
🙏 manos en oración|folded hands
✍️ mano escribiendo|writing hand
💅 pintarse las uñas|nail polish
🤳 selfi|selfie
💪 bíceps flexionado|flexed biceps
🦾 brazo mecánico|mechanical arm
🦿 pierna mecánica|mechanical leg
🦵 pierna|leg
🦶 pie|foot
👂️ oreja|ear
🦻 oreja con audífono|ear with hearing aid
👃 nariz|nose
🧠 cerebro|brain
🫀 corazón humano|anatomical heart
🫁 pulmones|lungs
🦷 diente|tooth
🦴 hueso|bone
👀 ojos|eyes
👁️ ojo|eye
👅 lengua|tongue
👄 boca|mouth
👶 bebé|baby
🧒 infante|child
👦 niño|boy
👧 niña|girl
🧑 persona adulta|person
👱 persona adulta rubia|person: blond hair
👨 hombre|man
🧔 persona con barba|person: beard
👩 mujer|woman
🧓 persona mayor|older person
👴 anciano|old man
👵 anciana|old woman
🙍 persona frunciendo el ceño|person frowning
🙎 persona haciendo pucheros|person pouting
🙅 persona haciendo el gesto de "no"|person gesturing no
🙆 persona haciendo el gesto de "de acuerdo"|person gesturing ok
💁 persona de mostrador de información|person tipping hand
🙋 persona con la mano levantada|person raising hand
🧏 persona sorda|deaf person
🙇 persona haciendo una reverencia|person bowing
🤦 persona con la mano en la frente|person facepalming
🤷 persona encogida de hombros|person shrugging
👮 agente de policía|police officer
🕵️ detective|detective
💂 guardia|guard
🥷 ninja|ninja
👷 profesional de la construcción|construction worker
🤴 príncipe|prince
👸 princesa|princess
👳 persona con turbante|person wearing turban
👲 persona con gorro chino|person with skullcap
🧕 mujer con hiyab|woman with headscarf
🤵 persona con esmoquin|person in tuxedo
👰 persona con velo|person with veil
🤰 mujer embarazada|pregnant woman
🤱 lactancia materna|breast-feeding
👼 bebé ángel|baby angel
🎅 papá noel|santa claus
🤶 mamá noel|mrs. claus
🦸 personaje de superhéroe|superhero
🦹 personaje de supervillano|supervillain
🧙 persona maga|mage
🧚 hada|fairy
🧛 vampiro|vampire
🧜 persona sirena|merperson
🧝 elfo|elf
🧞 genio|genie
🧟 zombi|zombie
💆 persona recibiendo masaje|person getting massage
💇 persona cortándose el pelo|person getting haircut
🚶 persona caminando|person walking
🧍 persona de pie|person standing
🧎 persona de rodillas|person kneeling
🏃 persona corriendo|person running
💃 mujer bailando|woman dancing
🕺 hombre bailando|man dancing
🕴️ persona trajeada levitando|person in suit levitating
👯 personas con orejas de conejo|people with bunny ears
🧖 persona en una sauna|person in steamy room
🧗 persona escalando|person climbing
🤺 persona haciendo esgrima|person fencing
🏇 carrera de caballos|horse racing
⛷️ persona esquiando|skier
🏂️ practicante de snowboard|snowboarder
🏌️ persona jugando al golf|person golfing
🏄️ persona haciendo surf|person surfing
🚣 persona remando en un bote|person rowing boat
🏊️ persona nadando|person swimming
⛹️ persona botando un balón|person bouncing ball
🏋️ persona levantando pesas|person lifting weights
🚴 persona en bicicleta|person biking
🚵 persona en bicicleta de montaña|person mountain biking
🤸 persona haciendo voltereta lateral|person cartwheeling
🤼 personas luchando|people wrestling
🤽 persona jugando al waterpolo|person playing water polo
🤾 persona jugando al balonmano|person playing handball
🤹 persona haciendo malabares|person juggling
🧘 persona en posición de loto|person in lotus position
🛀 persona en la bañera|person taking bath
🛌 persona en la cama|person in bed
👭 mujeres de la mano|women holding hands
👫 mujer y hombre de la mano|woman and man holding hands
👬 hombres de la mano|men holding hands
💏 beso|kiss
💑 pareja enamorada|couple with heart
🗣️ cabeza parlante|speaking head
👤 silueta de busto|bust in silhouette
👥 dos siluetas de bustos|busts in silhouette
🫂 personas abrazándose|people hugging
👪️ familia|family
👣 huellas de pies|footprints`,
  },
  {
    es: "Animales y naturaleza",
    en: "Animals and nature",
    emojis: `🐵 cara de mono|monkey face
🐒 mono|monkey
🦍 gorila|gorilla
🦧 orangután|orangutan
🐶 cara de perro|dog face
🐕️ perro|dog
🦮 perro guía|guide dog
🐩 caniche|poodle
🐺 lobo|wolf
🦊 zorro|fox
🦝 mapache|raccoon
🐱 cara de gato|cat face
🐈️ gato|cat
🦁 león|lion
🐯 cara de tigre|tiger face
🐅 tigre|tiger
🐆 leopardo|leopard
🐴 cara de caballo|horse face
🐎 caballo|horse
🦄 unicornio|unicorn
🦓 cebra|zebra
🦌 ciervo|deer
🦬 bisonte|bison
🐮 cara de vaca|cow face
🐂 buey|ox
🐃 búfalo de agua|water buffalo
🐄 vaca|cow
🐷 cara de cerdo|pig face
🐖 cerdo|pig
🐗 jabalí|boar
🐽 nariz de cerdo|pig nose
🐏 carnero|ram
🐑 oveja|ewe
🐐 cabra|goat
🐪 dromedario|camel
🐫 camello|two-hump camel
🦙 llama|llama
🦒 jirafa|giraffe
🐘 elefante|elephant
🦣 mamut|mammoth
🦏 rinoceronte|rhinoceros
🦛 hipopótamo|hippopotamus
🐭 cara de ratón|mouse face
🐁 ratón|mouse
🐀 rata|rat
🐹 hámster|hamster
🐰 cara de conejo|rabbit face
🐇 conejo|rabbit
🐿️ ardilla|chipmunk
🦫 castor|beaver
🦔 erizo|hedgehog
🦇 murciélago|bat
🐻 oso|bear
🐨 koala|koala
🐼 panda|panda
🦥 perezoso|sloth
🦦 nutria|otter
🦨 mofeta|skunk
🦘 canguro|kangaroo
🦡 tejón|badger
🐾 huellas de pezuñas|paw prints
🦃 pavo|turkey
🐔 gallina|chicken
🐓 gallo|rooster
🐣 pollito rompiendo el cascarón|hatching chick
🐤 pollito|baby chick
🐥 pollito de frente|front-facing baby chick
🐦️ pájaro|bird
🐧 pingüino|penguin
🕊️ paloma|dove
🦅 águila|eagle
🦆 pato|duck
🦢 cisne|swan
🦉 búho|owl
🦤 dodo|dodo
🪶 pluma|feather
🦩 flamenco|flamingo
🦚 pavo real|peacock
🦜 loro|parrot
🐸 rana|frog
🐊 cocodrilo|crocodile
🐢 tortuga|turtle
🦎 lagarto|lizard
🐍 serpiente|snake
🐲 cara de dragón|dragon face
🐉 dragón|dragon
🦕 saurópodo|sauropod
🦖 t-rex|t-rex
🐳 ballena soltando un chorro|spouting whale
🐋 ballena|whale
🐬 delfín|dolphin
🦭 foca|seal
🐟️ pez|fish
🐠 pez tropical|tropical fish
🐡 pez globo|blowfish
🦈 tiburón|shark
🐙 pulpo|octopus
🐚 caracola|spiral shell
🦀 cangrejo|crab
🦞 bogavante|lobster
🦐 gamba|shrimp
🦑 calamar|squid
🦪 ostra|oyster
🐌 caracol|snail
🦋 mariposa|butterfly
🐛 bicho|bug
🐜 hormiga|ant
🐝 abeja|honeybee
🪲 escarabajo|beetle
🐞 mariquita|lady beetle
🦗 grillo|cricket
🪳 cucaracha|cockroach
🕷️ araña|spider
🕸️ tela de araña|spider web
🦂 escorpión|scorpion
🦟 mosquito|mosquito
🪰 mosca|fly
🪱 gusano|worm
🦠 microbio|microbe
💐 ramo de flores|bouquet
🌸 flor de cerezo|cherry blossom
💮 flor blanca|white flower
🏵️ roseta|rosette
🌹 rosa|rose
🥀 flor marchita|wilted flower
🌺 flor de hibisco|hibiscus
🌻 girasol|sunflower
🌼 flor|blossom
🌷 tulipán|tulip
🌱 planta joven|seedling
🪴 planta de maceta|potted plant
🌲 árbol de hoja perenne|evergreen tree
🌳 árbol de hoja caduca|deciduous tree
🌴 palmera|palm tree
🌵 cactus|cactus
🌾 espiga de arroz|sheaf of rice
🌿 hierba|herb
☘️ trébol|shamrock
🍀 trébol de cuatro hojas|four leaf clover
🍁 hoja de arce|maple leaf
🍂 hojas caídas|fallen leaf
🍃 hojas revoloteando al viento|leaf fluttering in wind
🍄 champiñón|mushroom`,
  },
  {
    es: "Comida y bebida",
    en: "Food and drink",
    emojis: `🍇 uvas|grapes
🍈 melón|melon
🍉 sandía|watermelon
🍊 mandarina|tangerine
🍋 limón|lemon
🍌 plátano|banana
🍍 piña|pineapple
🥭 mango|mango
🍎 manzana roja|red apple
🍏 manzana verde|green apple
🍐 pera|pear
🍑 melocotón|peach
🍒 cerezas|cherries
🍓 fresa|strawberry
🫐 arándanos|blueberries
🥝 kiwi|kiwi fruit
🍅 tomate|tomato
🫒 aceituna|olive
🥥 coco|coconut
🥑 aguacate|avocado
🍆 berenjena|eggplant
🥔 patata|potato
🥕 zanahoria|carrot
🌽 espiga de maíz|ear of corn
🌶️ chile picante|hot pepper
🫑 pimiento|bell pepper
🥒 pepino|cucumber
🥬 verdura de hoja verde|leafy green
🥦 brócoli|broccoli
🧄 ajo|garlic
🧅 cebolla|onion
🥜 cacahuetes|peanuts
🌰 castaña|chestnut
🍞 pan de molde|bread
🥐 cruasán|croissant
🥖 baguete|baguette bread
🫓 pan sin levadura|flatbread
🥨 bretzel|pretzel
🥯 bagel|bagel
🥞 tortitas|pancakes
🧇 gofre|waffle
🧀 cuña de queso|cheese wedge
🍖 carne con hueso|meat on bone
🍗 muslo de pollo|poultry leg
🥩 corte de carne|cut of meat
🥓 beicon|bacon
🍔 hamburguesa|hamburger
🍟 patatas fritas|french fries
🍕 pizza|pizza
🌭 perrito caliente|hot dog
🥪 sándwich|sandwich
🌮 taco|taco
🌯 burrito|burrito
🫔 tamal|tamale
🥙 pan relleno|stuffed flatbread
🧆 falafel|falafel
🥚 huevo|egg
🍳 cocinar|cooking
🥘 paella|shallow pan of food
🍲 olla de comida|pot of food
🫕 fondue|fondue
🥣 cuenco con cuchara|bowl with spoon
🥗 ensalada|green salad
🍿 palomitas|popcorn
🧈 mantequilla|butter
🧂 sal|salt
🥫 comida enlatada|canned food
🍱 caja de bento|bento box
🍘 galleta de arroz|rice cracker
🍙 bola de arroz|rice ball
🍚 arroz cocido|cooked rice
🍛 arroz con curry|curry rice
🍜 tazón de fideos|steaming bowl
🍝 espagueti|spaghetti
🍠 patata asada|roasted sweet potato
🍢 brocheta|oden
🍣 sushi|sushi
🍤 gamba frita|fried shrimp
🍥 pastel de pescado japonés|fish cake with swirl
🥮 pastel de luna|moon cake
🍡 dango|dango
🥟 dumpling|dumpling
🥠 galleta de la fortuna|fortune cookie
🥡 caja para llevar|takeout box
🍦 cucurucho de helado|soft ice cream
🍧 granizado hawaiano|shaved ice
🍨 helado|ice cream
🍩 dónut|doughnut
🍪 galleta|cookie
🎂 tarta de cumpleaños|birthday cake
🍰 trozo de tarta|shortcake
🧁 magdalena|cupcake
🥧 pastel|pie
🍫 tableta de chocolate|chocolate bar
🍬 caramelo|candy
🍭 piruleta|lollipop
🍮 flan|custard
🍯 tarro de miel|honey pot
🍼 biberón|baby bottle
🥛 vaso de leche|glass of milk
☕️ bebida caliente|hot beverage
🫖 tetera|teapot
🍵 tazón de té|teacup without handle
🍶 sake|sake
🍾 botella descorchada|bottle with popping cork
🍷 copa de vino|wine glass
🍸️ copa de cóctel|cocktail glass
🍹 bebida tropical|tropical drink
🍺 jarra de cerveza|beer mug
🍻 jarras de cerveza brindando|clinking beer mugs
🥂 copas brindando|clinking glasses
🥃 vaso de whisky|tumbler glass
🥤 vaso con pajita|cup with straw
🧋 té de burbujas|bubble tea
🧃 tetrabrik|beverage box
🧉 mate|mate
🧊 cubito de hielo|ice
🥢 palillos|chopsticks
🍽️ cuchillo y tenedor con un plato|fork and knife with plate
🍴 tenedor y cuchillo|fork and knife
🥄 cuchara|spoon
🔪 cuchillo de cocina|kitchen knife
🏺 ánfora|amphora`,
  },
  {
    es: "Viajes y lugares",
    en: "Travel and places",
    emojis: `🌍️ globo terráqueo mostrando europa y áfrica|globe showing europe-africa
🌎️ globo terráqueo mostrando américa|globe showing americas
🌏️ globo terráqueo mostrando asia y australia|globe showing asia-australia
🌐 globo terráqueo con meridianos|globe with meridians
🗺️ mapa mundial|world map
🗾 mapa de japón|map of japan
🧭 brújula|compass
🏔️ montaña con nieve|snow-capped mountain
⛰️ montaña|mountain
🌋 volcán|volcano
🗻 monte fuji|mount fuji
🏕️ camping|camping
🏖️ playa y sombrilla|beach with umbrella
🏜️ desierto|desert
🏝️ isla desierta|desert island
🏞️ parque nacional|national park
🏟️ estadio|stadium
🏛️ edificio clásico|classical building
🏗️ construcción|building construction
🧱 ladrillo|brick
🪨 piedra|rock
🪵 madera|wood
🛖 cabaña|hut
🏘️ casas|houses
🏚️ casa abandonada|derelict house
🏠️ casa|house
🏡 casa con jardín|house with garden
🏢 edificio de oficinas|office building
🏣 oficina de correos japonesa|japanese post office
🏤 oficina de correos europea|post office
🏥 hospital|hospital
🏦 banco|bank
🏨 hotel|hotel
🏩 hotel del amor|love hotel
🏪 tienda 24 horas|convenience store
🏫 colegio|school
🏬 grandes almacenes|department store
🏭️ fábrica|factory
🏯 castillo japonés|japanese castle
🏰 castillo europeo|castle
💒 iglesia celebrando boda|wedding
🗼 torre de tokio|tokyo tower
🗽 estatua de la libertad|statue of liberty
⛪️ iglesia|church
🕌 mezquita|mosque
🛕 templo hindú|hindu temple
🕍 sinagoga|synagogue
⛩️ santuario sintoísta|shinto shrine
🕋 kaaba|kaaba
⛲️ fuente|fountain
⛺️ tienda de campaña|tent
🌁 bruma|foggy
🌃 noche estrellada|night with stars
🏙️ paisaje urbano|cityscape
🌄 amanecer sobre montañas|sunrise over mountains
🌅 amanecer|sunrise
🌆 ciudad al atardecer|cityscape at dusk
🌇 puesta del sol|sunset
🌉 puente de noche|bridge at night
♨️ aguas termales|hot springs
🎠 caballo de tiovivo|carousel horse
🎡 noria de feria|ferris wheel
🎢 montaña rusa|roller coaster
💈 poste de barbero|barber pole
🎪 carpa de circo|circus tent
🚂 locomotora de vapor|locomotive
🚃 vagón|railway car
🚄 tren de alta velocidad|high-speed train
🚅 tren bala|bullet train
🚆 tren|train
🚇️ metro|metro
🚈 tren ligero|light rail
🚉 estación de tren|station
🚊 tranvía|tram
🚝 monorraíl|monorail
🚞 ferrocarril de montaña|mountain railway
🚋 vagón de tranvía|tram car
🚌 autobús|bus
🚍️ autobús próximo|oncoming bus
🚎 trolebús|trolleybus
🚐 minibús|minibus
🚑️ ambulancia|ambulance
🚒 coche de bomberos|fire engine
🚓 coche de policía|police car
🚔️ coche de policía próximo|oncoming police car
🚕 taxi|taxi
🚖 taxi próximo|oncoming taxi
🚗 coche|automobile
🚘️ coche próximo|oncoming automobile
🚙 vehículo deportivo utilitario|sport utility vehicle
🛻 camioneta|pickup truck
🚚 camión de reparto|delivery truck
🚛 camión articulado|articulated lorry
🚜 tractor|tractor
🏎️ coche de carreras|racing car
🏍️ moto|motorcycle
🛵 scooter|motor scooter
🦽 silla de ruedas manual|manual wheelchair
🦼 silla de ruedas eléctrica|motorized wheelchair
🛺 mototaxi|auto rickshaw
🚲️ bicicleta|bicycle
🛴 patinete|kick scooter
🛹 monopatín|skateboard
🛼 patines|roller skate
🚏 parada de autobús|bus stop
🛣️ autopista|motorway
🛤️ vía de tren|railway track
🛢️ barril de petróleo|oil drum
⛽️ surtidor de gasolina|fuel pump
🚨 luces de policía|police car light
🚥 semáforo horizontal|horizontal traffic light
🚦 semáforo|vertical traffic light
🛑 señal de stop|stop sign
🚧 obras|construction
⚓️ ancla|anchor
⛵️ velero|sailboat
🛶 canoa|canoe
🚤 lancha motora|speedboat
🛳️ barco de pasajeros|passenger ship
⛴️ ferri|ferry
🛥️ barco a motor|motor boat
🚢 barco|ship
✈️ avión|airplane
🛩️ avioneta|small airplane
🛫 avión despegando|airplane departure
🛬 avión aterrizando|airplane arrival
🪂 paracaídas|parachute
💺 asiento de transporte|seat
🚁 helicóptero|helicopter
🚟 ferrocarril de suspensión|suspension railway
🚠 teleférico de montaña|mountain cableway
🚡 teleférico|aerial tramway
🛰️ satélite|satellite
🚀 cohete|rocket
🛸 platillo volante|flying saucer
🛎️ timbre de hotel|bellhop bell
🧳 equipaje|luggage
⌛️ reloj de arena sin tiempo|hourglass done
⏳️ reloj de arena con tiempo|hourglass not done
⌚️ reloj|watch
⏰️ reloj despertador|alarm clock
⏱️ cronómetro|stopwatch
⏲️ temporizador|timer clock
🕰️ reloj de sobremesa|mantelpiece clock
🕛️ 12 en punto|twelve o’clock
🕧️ doce y media|twelve-thirty
🕐️ 1 en punto|one o’clock
🕜️ una y media|one-thirty
🕑️ 2 en punto|two o’clock
🕝️ dos y media|two-thirty
🕒️ 3 en punto|three o’clock
🕞️ tres y media|three-thirty
🕓️ 4 en punto|four o’clock
🕟️ cuatro y media|four-thirty
🕔️ 5 en punto|five o’clock
🕠️ cinco y media|five-thirty
🕕️ 6 en punto|six o’clock
🕡️ seis y media|six-thirty
🕖️ 7 en punto|seven o’clock
🕢️ siete y media|seven-thirty
🕗️ 8 en punto|eight o’clock
🕣️ ocho y media|eight-thirty
🕘️ 9 en punto|nine o’clock
🕤️ nueve y media|nine-thirty
🕙️ 10 en punto|ten o’clock
🕥️ diez y media|ten-thirty
🕚️ 11 en punto|eleven o’clock
🕦️ once y media|eleven-thirty
🌑 luna nueva|new moon
🌒 luna creciente|waxing crescent moon
🌓 luna en cuarto creciente|first quarter moon
🌔 luna gibosa creciente|waxing gibbous moon
🌕️ luna llena|full moon
🌖 luna gibosa menguante|waning gibbous moon
🌗 luna en cuarto menguante|last quarter moon
🌘 luna menguante|waning crescent moon
🌙 luna|crescent moon
🌚 luna nueva con cara|new moon face
🌛 luna de cuarto creciente con cara|first quarter moon face
🌜️ luna de cuarto menguante con cara|last quarter moon face
🌡️ termómetro|thermometer
☀️ sol|sun
🌝 luna llena con cara|full moon face
🌞 sol con cara|sun with face
🪐 planeta con anillos|ringed planet
⭐️ estrella|star
🌟 estrella brillante|glowing star
🌠 estrella fugaz|shooting star
🌌 vía láctea|milky way
☁️ nube|cloud
⛅️ sol detrás de una nube|sun behind cloud
⛈️ nube con rayo y lluvia|cloud with lightning and rain
🌤️ sol detrás de una nube pequeña|sun behind small cloud
🌥️ sol detrás de una nube grande|sun behind large cloud
🌦️ sol detrás de una nube con lluvia|sun behind rain cloud
🌧️ nube con lluvia|cloud with rain
🌨️ nube con nieve|cloud with snow
🌩️ nube con rayo|cloud with lightning
🌪️ tornado|tornado
🌫️ niebla|fog
🌬️ cara de viento|wind face
🌀 ciclón|cyclone
🌈 arcoíris|rainbow
🌂 paraguas cerrado|closed umbrella
☂️ paraguas|umbrella
☔️ paraguas con gotas de lluvia|umbrella with rain drops
⛱️ sombrilla en la arena|umbrella on ground
⚡️ alto voltaje|high voltage
❄️ copo de nieve|snowflake
☃️ muñeco de nieve con nieve|snowman
⛄️ muñeco de nieve|snowman without snow
☄️ meteorito|comet
🔥 fuego|fire
💧 gota|droplet
🌊 ola de mar|water wave`,
  },
  {
    es: "Actividades",
    en: "Activities",
    emojis: `🎃 calabaza de halloween|jack-o-lantern
🎄 árbol de navidad|christmas tree
🎆 fuegos artificiales|fireworks
🎇 bengala|sparkler
🧨 petardo|firecracker
✨️ chispas|sparkles
🎈 globo|balloon
🎉 cañón de confeti|party popper
🎊 bola de confeti|confetti ball
🎋 árbol de tanabata|tanabata tree
🎍 decoración de pino|pine decoration
🎎 muñecas japonesas|japanese dolls
🎏 banderín de carpas|carp streamer
🎐 campanilla de viento|wind chime
🎑 ceremonia de contemplación de la luna|moon viewing ceremony
🧧 sobre rojo|red envelope
🎀 lazo|ribbon
🎁 regalo|wrapped gift
🎗️ lazo conmemorativo|reminder ribbon
🎟️ entradas|admission tickets
🎫 tique|ticket
🎖️ medalla militar|military medal
🏆️ trofeo|trophy
🏅 medalla deportiva|sports medal
🥇 medalla de oro|1st place medal
🥈 medalla de plata|2nd place medal
🥉 medalla de bronce|3rd place medal
⚽️ balón de fútbol|soccer ball
⚾️ béisbol|baseball
🥎 pelota de softball|softball
🏀 balón de baloncesto|basketball
🏐 pelota de voleibol|volleyball
🏈 balón de fútbol americano|american football
🏉 balón de rugby|rugby football
🎾 pelota de tenis|tennis
🥏 disco volador|flying disc
🎳 bolos|bowling
🏏 críquet|cricket game
🏑 hockey sobre hierba|field hockey
🏒 hockey sobre hielo|ice hockey
🥍 lacrosse|lacrosse
🏓 tenis de mesa|ping pong
🏸 bádminton|badminton
🥊 guante de boxeo|boxing glove
🥋 uniforme de artes marciales|martial arts uniform
🥅 portería|goal net
⛳️ banderín en hoyo|flag in hole
⛸️ patín de hielo|ice skate
🎣 caña de pescar|fishing pole
🤿 máscara de buceo|diving mask
🎽 camiseta sin mangas|running shirt
🎿 esquís|skis
🛷 trineo|sled
🥌 piedra de curling|curling stone
🎯 diana|bullseye
🪀 yoyó|yo-yo
🪁 cometa|kite
🔫 pistola de agua|water pistol
🎱 bola negra de billar|pool 8 ball
🔮 bola de cristal|crystal ball
🪄 varita mágica|magic wand
🎮️ mando de videoconsola|video game
🕹️ joystick|joystick
🎰 máquina tragaperras|slot machine
🎲 dado|game die
🧩 pieza de puzle|puzzle piece
🧸 osito de peluche|teddy bear
🪅 piñata|piñata
🪆 muñeca rusa|nesting dolls
♠️ palo de picas|spade suit
♥️ palo de corazones|heart suit
♦️ palo de diamantes|diamond suit
♣️ palo de tréboles|club suit
♟️ peón de ajedrez|chess pawn
🃏 comodín|joker
🀄️ dragón rojo de mahjong|mahjong red dragon
🎴 cartas de flores|flower playing cards
🎭️ máscaras de teatro|performing arts
🖼️ cuadro enmarcado|framed picture
🎨 paleta de pintor|artist palette
🧵 hilo|thread
🪡 aguja de coser|sewing needle
🧶 ovillo|yarn
🪢 nudo|knot`,
  },
  {
    es: "Objetos",
    en: "Objects",
    emojis: `👓️ gafas|glasses
🕶️ gafas de sol|sunglasses
🥽 gafas de protección|goggles
🥼 bata de laboratorio|lab coat
🦺 chaleco de seguridad|safety vest
👔 corbata|necktie
👕 camiseta|t-shirt
👖 vaqueros|jeans
🧣 bufanda|scarf
🧤 guantes|gloves
🧥 abrigo|coat
🧦 calcetines|socks
👗 vestido|dress
👘 kimono|kimono
🥻 sari|sari
🩱 traje de baño de una pieza|one-piece swimsuit
🩲 ropa interior|briefs
🩳 pantalones cortos|shorts
👙 bikini|bikini
👚 ropa de mujer|woman’s clothes
👛 monedero|purse
👜 bolso|handbag
👝 bolso de mano|clutch bag
🛍️ bolsas de compras|shopping bags
🎒 mochila escolar|backpack
🩴 chancla|thong sandal
👞 zapato de hombre|man’s shoe
👟 zapatilla deportiva|running shoe
🥾 bota de senderismo|hiking boot
🥿 bailarina|flat shoe
👠 zapato de tacón|high-heeled shoe
👡 sandalia de mujer|woman’s sandal
🩰 zapatillas de ballet|ballet shoes
👢 bota de mujer|woman’s boot
👑 corona|crown
👒 sombrero de mujer|woman’s hat
🎩 sombrero de copa|top hat
🎓️ birrete|graduation cap
🧢 gorra con visera|billed cap
🪖 casco militar|military helmet
⛑️ casco con una cruz blanca|rescue worker’s helmet
📿 rosario|prayer beads
💄 pintalabios|lipstick
💍 anillo|ring
💎 piedra preciosa|gem stone
🔇 altavoz silenciado|muted speaker
🔈️ altavoz a volumen bajo|speaker low volume
🔉 altavoz a volumen medio|speaker medium volume
🔊 altavoz a volumen alto|speaker high volume
📢 altavoz de mano|loudspeaker
📣 megáfono|megaphone
📯 corneta de posta|postal horn
🔔 campana|bell
🔕 campana con signo de cancelación|bell with slash
🎼 pentagrama|musical score
🎵 nota musical|musical note
🎶 notas musicales|musical notes
🎙️ micrófono de estudio|studio microphone
🎚️ control de volumen|level slider
🎛️ ruedas de control|control knobs
🎤 micrófono|microphone
🎧️ auricular|headphone
📻️ radio|radio
🎷 saxofón|saxophone
🪗 acordeón|accordion
🎸 guitarra|guitar
🎹 teclado musical|musical keyboard
🎺 trompeta|trumpet
🎻 violín|violin
🪕 banjo|banjo
🥁 tambor|drum
🪘 tamboril|long drum
📱 teléfono móvil|mobile phone
📲 móvil con una flecha|mobile phone with arrow
☎️ teléfono|telephone
📞 auricular de teléfono|telephone receiver
📟️ busca|pager
📠 máquina de fax|fax machine
🔋 pila|battery
🔌 enchufe eléctrico|electric plug
💻️ ordenador portátil|laptop
🖥️ ordenador de sobremesa|desktop computer
🖨️ impresora|printer
⌨️ teclado|keyboard
🖱️ ratón de ordenador|computer mouse
🖲️ bola de desplazamiento|trackball
💽 minidisc|computer disk
💾 disquete|floppy disk
💿️ disco óptico|optical disk
📀 disco dvd|dvd
🧮 ábaco|abacus
🎥 cámara de cine|movie camera
🎞️ fotograma de película|film frames
📽️ proyector de cine|film projector
🎬️ claqueta|clapper board
📺️ televisión|television
📷️ cámara de fotos|camera
📸 cámara con flash|camera with flash
📹️ videocámara|video camera
📼 cinta de vídeo|videocassette
🔍️ lupa orientada hacia la izquierda|magnifying glass tilted left
🔎 lupa orientada hacia la derecha|magnifying glass tilted right
🕯️ vela|candle
💡 bombilla|light bulb
🔦 linterna|flashlight
🏮 lámpara japonesa|red paper lantern
🪔 lámpara de aceite|diya lamp
📔 cuaderno con tapa decorativa|notebook with decorative cover
📕 libro cerrado|closed book
📖 libro abierto|open book
📗 libro verde|green book
📘 libro azul|blue book
📙 libro naranja|orange book
📚️ libros|books
📓 cuaderno|notebook
📒 libro de contabilidad|ledger
📃 página doblada|page with curl
📜 pergamino|scroll
📄 página hacia arriba|page facing up
📰 periódico|newspaper
🗞️ periódico enrollado|rolled-up newspaper
📑 marcadores|bookmark tabs
🔖 marcapáginas|bookmark
🏷️ etiqueta|label
💰️ bolsa de dinero|money bag
🪙 moneda|coin
💴 billete de yen|yen banknote
💵 billete de dólar|dollar banknote
💶 billete de euro|euro banknote
💷 billete de libra|pound banknote
💸 billete con alas|money with wings
💳️ tarjeta de crédito|credit card
🧾 recibo|receipt
💹 mercado al alza|chart increasing with yen
✉️ sobre|envelope
📧 correo electrónico|e-mail
📨 sobre entrante|incoming envelope
📩 sobre con flecha|envelope with arrow
📤️ bandeja de salida|outbox tray
📥️ bandeja de entrada|inbox tray
📦️ paquete|package
📫️ buzón cerrado con la bandera levantada|closed mailbox with raised flag
📪️ buzón cerrado con la bandera bajada|closed mailbox with lowered flag
📬️ buzón abierto con la bandera levantada|open mailbox with raised flag
📭️ buzón abierto con la bandera bajada|open mailbox with lowered flag
📮 buzón|postbox
🗳️ urna con papeleta|ballot box with ballot
✏️ lápiz|pencil
✒️ pluma negra|black nib
🖋️ estilográfica|fountain pen
🖊️ bolígrafo|pen
🖌️ pincel|paintbrush
🖍️ lápiz de cera|crayon
📝 cuaderno de notas|memo
💼 maletín|briefcase
📁 carpeta de archivos|file folder
📂 carpeta de archivos abierta|open file folder
🗂️ separador de fichas|card index dividers
📅 calendario|calendar
📆 calendario recortable|tear-off calendar
🗒️ bloc de notas de espiral|spiral notepad
🗓️ calendario de espiral|spiral calendar
📇 organizador de fichas|card index
📈 gráfica de evolución ascendente|chart increasing
📉 gráfica de evolución descendente|chart decreasing
📊 gráfico de barras|bar chart
📋️ portapapeles|clipboard
📌 chincheta|pushpin
📍 chincheta redonda|round pushpin
📎 clip|paperclip
🖇️ clips unidos|linked paperclips
📏 regla|straight ruler
📐 escuadra|triangular ruler
✂️ tijeras|scissors
🗃️ archivador de tarjetas|card file box
🗄️ archivador|file cabinet
🗑️ papelera|wastebasket
🔒️ candado cerrado|locked
🔓️ candado abierto|unlocked
🔏 candado con pluma estilográfica|locked with pen
🔐 candado cerrado y llave|locked with key
🔑 llave|key
🗝️ llave antigua|old key
🔨 martillo|hammer
🪓 hacha|axe
⛏️ pico|pick
⚒️ martillo y pico|hammer and pick
🛠️ martillo y llave inglesa|hammer and wrench
🗡️ puñal|dagger
⚔️ espadas cruzadas|crossed swords
💣️ bomba|bomb
🪃 bumerán|boomerang
🏹 arco y flecha|bow and arrow
🛡️ escudo|shield
🪚 sierra de carpintería|carpentry saw
🔧 llave inglesa|wrench
🪛 destornillador|screwdriver
🔩 tornillo y tuerca|nut and bolt
⚙️ engranaje|gear
🗜️ tornillo de banco|clamp
⚖️ balanza|balance scale
🦯 bastón|white cane
🔗 eslabón|link
⛓️ cadenas|chains
🪝 gancho|hook
🧰 caja de herramientas|toolbox
🧲 imán|magnet
🪜 escalera|ladder
⚗️ alambique|alembic
🧪 tubo de ensayo|test tube
🧫 placa de petri|petri dish
🧬 adn|dna
🔬 microscopio|microscope
🔭 telescopio|telescope
📡 antena de satélite|satellite antenna
💉 jeringuilla|syringe
🩸 gota de sangre|drop of blood
💊 píldora|pill
🩹 tirita|adhesive bandage
🩺 estetoscopio|stethoscope
🚪 puerta|door
🛗 ascensor|elevator
🪞 espejo|mirror
🪟 ventana|window
🛏️ cama|bed
🛋️ sofá y lámpara|couch and lamp
🪑 silla|chair
🚽 inodoro|toilet
🪠 desatascador|plunger
🚿 ducha|shower
🛁 bañera|bathtub
🪤 trampa de ratones|mouse trap
🪒 cuchilla de afeitar|razor
🧴 bote de crema|lotion bottle
🧷 imperdible|safety pin
🧹 escoba|broom
🧺 cesta|basket
🧻 rollo de papel|roll of paper
🪣 cubo|bucket
🧼 jabón|soap
🪥 cepillo de dientes|toothbrush
🧽 esponja|sponge
🧯 extintor|fire extinguisher
🛒 carrito de la compra|shopping cart
🚬 cigarrillo|cigarette
⚰️ ataúd|coffin
🪦 lápida|headstone
⚱️ urna funeraria|funeral urn
🧿 ojo turco|nazar amulet
🗿 estatua moái|moai
🪧 letrero|placard`,
  },
  {
    es: "Símbolos",
    en: "Symbols",
    emojis: `🏧 señal de cajero automático|atm sign
🚮 señal de usar papelera|litter in bin sign
🚰 agua potable|potable water
♿️ símbolo de silla de ruedas|wheelchair symbol
🚹️ aseo para hombres|men’s room
🚺️ señal de aseo para mujeres|women’s room
🚻 señal de aseos|restroom
🚼️ señal de bebé|baby symbol
🚾 aseos|water closet
🛂 control de pasaportes|passport control
🛃 aduana|customs
🛄 recogida de equipajes|baggage claim
🛅 consigna|left luggage
⚠️ advertencia|warning
🚸 niños cruzando|children crossing
⛔️ dirección prohibida|no entry
🚫 prohibido|prohibited
🚳 bicicletas prohibidas|no bicycles
🚭️ prohibido fumar|no smoking
🚯 prohibido tirar basura|no littering
🚱 agua no potable|non-potable water
🚷 prohibido el paso de peatones|no pedestrians
📵 prohibido el uso de móviles|no mobile phones
🔞 prohibido para menos de 18 años|no one under eighteen
☢️ radiactivo|radioactive
☣️ riesgo biológico|biohazard
⬆️ flecha hacia arriba|up arrow
↗️ flecha hacia la esquina superior derecha|up-right arrow
➡️ flecha hacia la derecha|right arrow
↘️ flecha hacia la esquina inferior derecha|down-right arrow
⬇️ flecha hacia abajo|down arrow
↙️ flecha hacia la esquina inferior izquierda|down-left arrow
⬅️ flecha hacia la izquierda|left arrow
↖️ flecha hacia la esquina superior izquierda|up-left arrow
↕️ flecha arriba y abajo|up-down arrow
↔️ flecha izquierda y derecha|left-right arrow
↩️ flecha derecha curvándose a la izquierda|right arrow curving left
↪️ flecha izquierda curvándose a la derecha|left arrow curving right
⤴️ flecha derecha curvándose hacia arriba|right arrow curving up
⤵️ flecha derecha curvándose hacia abajo|right arrow curving down
🔃 flechas verticales en sentido horario|clockwise vertical arrows
🔄 flechas en sentido antihorario|counterclockwise arrows button
🔙 flecha back|back arrow
🔚 flecha end|end arrow
🔛 flecha on!|on! arrow
🔜 flecha soon|soon arrow
🔝 flecha top|top arrow
🛐 lugar de culto|place of worship
⚛️ símbolo de átomo|atom symbol
🕉️ om|om
✡️ estrella de david|star of david
☸️ rueda del dharma|wheel of dharma
☯️ yin yang|yin yang
✝️ cruz latina|latin cross
☦️ cruz ortodoxa|orthodox cross
☪️ media luna y estrella|star and crescent
☮️ símbolo de la paz|peace symbol
🕎 menorá|menorah
🔯 estrella de seis puntas|dotted six-pointed star
♈️ aries|aries
♉️ tauro|taurus
♊️ géminis|gemini
♋️ cáncer|cancer
♌️ leo|leo
♍️ virgo|virgo
♎️ libra|libra
♏️ escorpio|scorpio
♐️ sagitario|sagittarius
♑️ capricornio|capricorn
♒️ acuario|aquarius
♓️ piscis|pisces
⛎️ ofiuco|ophiuchus
🔀 reproducción aleatoria|shuffle tracks button
🔁 repetir|repeat button
🔂 repetir una vez|repeat single button
▶️ reproducir|play button
⏩️ avance rápido|fast-forward button
⏭️ pista siguiente|next track button
⏯️ reproducir o pausa|play or pause button
◀️ retroceso|reverse button
⏪️ retroceso rápido|fast reverse button
⏮️ pista anterior|last track button
🔼 triángulo hacia arriba|upwards button
⏫️ triángulo doble hacia arriba|fast up button
🔽 triángulo hacia abajo|downwards button
⏬️ triángulo doble hacia abajo|fast down button
⏸️ pausa|pause button
⏹️ detener|stop button
⏺️ grabar|record button
⏏️ expulsar|eject button
🎦 cine|cinema
🔅 brillo bajo|dim button
🔆 brillo alto|bright button
📶 barras de cobertura|antenna bars
📳 modo vibración|vibration mode
📴 teléfono móvil apagado|mobile phone off
♀️ signo femenino|female sign
♂️ signo masculino|male sign
⚧️ símbolo de transgénero|transgender symbol
✖️ multiplicación|multiply
➕️ más|plus
➖️ menos|minus
➗️ división|divide
♾️ infinito|infinity
‼️ exclamación doble|double exclamation mark
⁉️ exclamación e interrogación|exclamation question mark
❓️ interrogación roja|red question mark
❔️ interrogación blanca|white question mark
❕️ exclamación blanca|white exclamation mark
❗️ exclamación roja|red exclamation mark
〰️ guion ondulado|wavy dash
💱 cambio de divisas|currency exchange
💲 símbolo de dólar|heavy dollar sign
⚕️ símbolo de medicina|medical symbol
♻️ símbolo de reciclaje|recycling symbol
⚜️ flor de lis|fleur-de-lis
🔱 emblema de tridente|trident emblem
📛 etiqueta identificativa|name badge
🔰 símbolo japonés para principiante|japanese symbol for beginner
⭕️ círculo rojo hueco|hollow red circle
✅️ botón de marca de verificación|check mark button
☑️ casilla con marca de verificación|check box with check
✔️ marca de verificación|check mark
❌️ marca de cruz|cross mark
❎️ botón con marca de cruz|cross mark button
➰️ bucle|curly loop
➿️ bucle doble|double curly loop
〽️ marca de alternancia|part alternation mark
✳️ asterisco de ocho puntas|eight-spoked asterisk
✴️ estrella de ocho puntas|eight-pointed star
❇️ chispa|sparkle
©️ copyright|copyright
®️ marca registrada|registered
™️ símbolo de marca comercial|trade mark
#️⃣ teclas: #|keycap: #
*️⃣ teclas: *|keycap: *
0️⃣ teclas: 0|keycap: 0
1️⃣ teclas: 1|keycap: 1
2️⃣ teclas: 2|keycap: 2
3️⃣ teclas: 3|keycap: 3
4️⃣ teclas: 4|keycap: 4
5️⃣ teclas: 5|keycap: 5
6️⃣ teclas: 6|keycap: 6
7️⃣ teclas: 7|keycap: 7
8️⃣ teclas: 8|keycap: 8
9️⃣ teclas: 9|keycap: 9
🔟 teclas: 10|keycap: 10
🔠 letras latinas mayúsculas|input latin uppercase
🔡 letras latinas minúsculas|input latin lowercase
🔢 números|input numbers
🔣 símbolos|input symbols
🔤 alfabeto latino|input latin letters
🅰️ grupo sanguíneo a|a button (blood type)
🆎 grupo sanguíneo ab|ab button (blood type)
🅱️ grupo sanguíneo b|b button (blood type)
🆑 borrar|cl button
🆒 botón cool|cool button
🆓 botón free|free button
ℹ️ información|information
🆔 símbolo de identificación|id button
Ⓜ️ m en círculo|circled m
🆕 botón new|new button
🆖 botón ng|ng button
🅾️ grupo sanguíneo tipo o|o button (blood type)
🆗 botón ok|ok button
🅿️ aparcamiento|p button
🆘 símbolo de socorro|sos button
🆙 botón up!|up! button
🆚 botón vs|vs button
🈁 ideograma japonés para "aquí"|japanese “here” button
🈂️ ideograma japonés para "de cortesía"|japanese “service charge” button
🈷️ ideograma japonés para "cantidad mensual"|japanese “monthly amount” button
🈶 ideograma japonés para "de pago"|japanese “not free of charge” button
🈯️ ideograma japonés para "reservado"|japanese “reserved” button
🉐 ideograma japonés para "ganga"|japanese “bargain” button
🈹 ideograma japonés para "descuento"|japanese “discount” button
🈚️ ideograma japonés para "gratis"|japanese “free of charge” button
🈲 ideograma japonés para "prohibido"|japanese “prohibited” button
🉑 ideograma japonés para "aceptable"|japanese “acceptable” button
🈸 ideograma japonés para "aplicación"|japanese “application” button
🈴 ideograma japonés para "aprobado"|japanese “passing grade” button
🈳 ideograma japonés para "vacante"|japanese “vacancy” button
㊗️ ideograma japonés para "enhorabuena"|japanese “congratulations” button
㊙️ ideograma japonés para "secreto"|japanese “secret” button
🈺 ideograma japonés para "abierto"|japanese “open for business” button
🈵 ideograma japonés para "completo"|japanese “no vacancy” button
🔴 círculo rojo|red circle
🟠 círculo naranja|orange circle
🟡 círculo amarillo|yellow circle
🟢 círculo verde|green circle
🔵 círculo azul|blue circle
🟣 círculo morado|purple circle
🟤 círculo marrón|brown circle
⚫️ círculo negro|black circle
⚪️ círculo blanco|white circle
🟥 cuadrado rojo|red square
🟧 cuadrado naranja|orange square
🟨 cuadrado amarillo|yellow square
🟩 cuadrado verde|green square
🟦 cuadrado azul|blue square
🟪 cuadrado morado|purple square
🟫 cuadrado marrón|brown square
⬛️ cuadrado negro grande|black large square
⬜️ cuadrado blanco grande|white large square
◼️ cuadrado negro mediano|black medium square
◻️ cuadrado blanco mediano|white medium square
◾️ cuadrado negro mediano-pequeño|black medium-small square
◽️ cuadrado blanco mediano-pequeño|white medium-small square
▪️ cuadrado negro pequeño|black small square
▫️ cuadrado blanco pequeño|white small square
🔶 rombo naranja grande|large orange diamond
🔷 rombo azul grande|large blue diamond
🔸 rombo naranja pequeño|small orange diamond
🔹 rombo azul pequeño|small blue diamond
🔺 triángulo rojo hacia arriba|red triangle pointed up
🔻 triángulo rojo hacia abajo|red triangle pointed down
💠 rombo con pétalo|diamond with a dot
🔘 botón de opción|radio button
🔳 botón cuadrado con borde blanco|white square button
🔲 botón cuadrado con borde negro|black square button`,
  },
];
