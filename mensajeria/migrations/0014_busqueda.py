"""Por lo que se busca un mensaje, y su índice. Se puede interrumpir y repetir."""

from django.db import migrations

import mensajeria.models.campos
from mensajeria import indice_de_busqueda

DE_UNA_VEZ = 1_000
# Con menos que contar no se dice nada.
SE_DICE_CADA = 50_000


def rellenar(apps, schema_editor):
    """Lo que ya hay, por tandas: cada una es su transacción, y nadie espera a todas."""
    mensaje = apps.get_model('mensajeria', 'Mensaje')
    campos = ['texto', 'archivo', 'eliminado', 'oculto']
    desde, hechos = '', 0
    while True:
        faltan = mensaje.objects.filter(buscable=None, pk__gt=desde).order_by('pk').only(*campos)
        filas = list(faltan[:DE_UNA_VEZ])
        if not filas:
            return
        _guardar(schema_editor.connection, mensaje, filas)
        desde, hechos = filas[-1].pk, hechos + len(filas)
        if hechos % SE_DICE_CADA == 0:
            print(f'  {hechos} mensajes preparados para buscar', flush=True)


def _guardar(conexion, mensaje, filas):
    for fila in filas:
        fila.buscable = mensajeria.models.campos.buscable_de(fila)
    if conexion.vendor == 'mongodb':
        mensaje.objects.bulk_update(filas, ['buscable'])
        return
    with conexion.cursor() as cursor:
        if conexion.vendor == 'sqlite':
            cursor.execute('BEGIN IMMEDIATE')
        cursor.executemany(
            # Si entre medias lo cambió quien ya sabe de esto, lo suyo vale.
            'UPDATE mensajeria_mensaje SET buscable = %s WHERE _id = %s AND buscable IS NULL',
            [(fila.buscable, fila.pk) for fila in filas],
        )
        if conexion.vendor == 'sqlite':
            cursor.execute('COMMIT')


def indexar(apps, schema_editor):
    indice_de_busqueda.asegurar(schema_editor.connection)


def quitar(apps, schema_editor):
    indice_de_busqueda.quitar(schema_editor.connection)


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('mensajeria', '0013_personas'),
    ]

    operations = [
        migrations.AddField(
            model_name='mensaje',
            name='buscable',
            field=mensajeria.models.campos.CampoBuscable(editable=False, null=True),
        ),
        migrations.RunPython(rellenar, migrations.RunPython.noop),
        migrations.RunPython(indexar, quitar),
    ]
