"""Índices que costaban a cada mensaje y no servían a ninguna consulta."""

from django.db import migrations, models


def quitar_los_de_prefijo(apps, schema_editor):
    # PostgreSQL recibe de Django uno más por clave de texto, para `LIKE 'a%'`, que nadie pide.
    if schema_editor.connection.vendor != 'postgresql':
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
            " AND tablename LIKE 'mensajeria\\_%%' AND indexname LIKE '%%\\_like'",
            [],
        )
        for (indice,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{indice}"')


def conservar_el_de_mongo(apps, schema_editor):
    # El de `uq_men_cliente` no le vale: MongoDB no pone en él lo que lleva nulos.
    if schema_editor.connection.vendor == 'mongodb':
        mensaje = apps.get_model('mensajeria', 'Mensaje')
        indice = models.Index(fields=['remitente'], name='ix_men_remitente')
        schema_editor.add_index(mensaje, indice)


class Migration(migrations.Migration):

    dependencies = [
        ('mensajeria', '0005_indices'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='mensaje',
            name='ix_men_remitente',
        ),
        migrations.RunPython(conservar_el_de_mongo, migrations.RunPython.noop),
        migrations.RunPython(quitar_los_de_prefijo, migrations.RunPython.noop),
    ]
